"""Make sure that there is a Chromium for the browser tests, or say how to get one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.browser import chromium

PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "chromium"]
DEBIAN = [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]


def main() -> None:
    if chromium() or succeeds(PLAYWRIGHT) or (may_install() and all(succeeds(c) for c in DEBIAN)):
        return
    sys.exit("No Chromium for the browser tests. Install one with: sudo apt-get install chromium")


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def succeeds(command: list[str]) -> bool:
    print("+", *command, flush=True)
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - the two commands above


if __name__ == "__main__":
    main()
