"""Run a command with a PostgreSQL of its own: python -m tools.with_postgresql pytest. It is at DATABASE_URL."""

import os
import signal
import subprocess
import sys

from tools.postgresql import postgresql


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # Leave the block below in order.
    with postgresql() as url:
        done = subprocess.run(sys.argv[1:], check=False, env=os.environ | {"DATABASE_URL": url})  # noqa: S603
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
