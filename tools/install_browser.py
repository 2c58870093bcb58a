"""Make sure that there is a Chromium for the browser tests, or say how to get one."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.browser import chromium
from tools.packages import install_with_apt, succeeds

PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "chromium"]


def main() -> None:
    if not (chromium() or succeeds(PLAYWRIGHT) or install_with_apt("chromium")):
        sys.exit("No Chromium for the browser tests. Install one with: sudo apt-get install chromium")


if __name__ == "__main__":
    main()
