"""Run one of Django's commands, and say at its end how much memory the process had at most, in megabytes.

By /proc: what getrusage() and wait4() say begins with the memory of whoever started the process.
Run: python -m benchmarks.peak_memory send_logout_notices
"""

import re
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

HIGHEST = re.compile(r"VmHWM:\s+([0-9]+) kB")


def main() -> None:
    execute_from_command_line(sys.argv)
    found = HIGHEST.search(Path("/proc/self/status").read_text(encoding="ascii"))
    print(int(found[1]) / 1024 if found else "unknown")


def said(output: str) -> float:
    """Return what a process has said in its last line."""
    return float(output.splitlines()[-1])


if __name__ == "__main__":
    main()
