"""Measure this app beside plain django-oauth-toolkit and django-oidc-provider, and print how it compares.

Run: make bench, or python -m benchmarks [name of a measure] …
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from benchmarks.missing import Missing
from benchmarks.rows import HEAD, Row, line

MEASURES = ("middleware", "instructions", "authorization", "logout")
RESULTS = Path(__file__).parent.parent / "docs" / "explanation" / "performance" / "results.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure this app beside others.")
    parser.add_argument("measures", nargs="*", choices=[[], *MEASURES], metavar="measure", help=", ".join(MEASURES))
    wanted = parser.parse_args().measures or MEASURES
    print(HEAD)
    rows, began = [], time.monotonic()
    for name in wanted:
        for row in measured(import_module(f"benchmarks.{name}")):
            print(line(row), flush=True)
            rows.append(row)
    print(f"{machine()}; {time.monotonic() - began:.0f} s")
    if wanted == MEASURES:
        RESULTS.write_text(json.dumps({"machine": machine(), "rows": [row.as_json() for row in rows]}, indent=1) + "\n")
    sys.exit(0 if all(row.is_met for row in rows) else 1)


def measured(module: ModuleType) -> Iterator[Row]:
    """Yield a measure's rows; where something is missing, say what installs it, and go on with the others."""
    try:
        yield from module.measure()
    except Missing as missing:
        print(f"{module.__name__}: {missing}", file=sys.stderr)


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
