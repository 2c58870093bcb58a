"""Make sure that there is a Redis for the tests, or say how to get one."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.packages import install_with_apt
from tools.redis import ADVICE, program


def main() -> None:
    if not (program() or install_with_apt("redis-server")):
        sys.exit(ADVICE)


if __name__ == "__main__":
    main()
