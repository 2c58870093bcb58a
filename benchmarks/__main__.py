"""Measure this app beside plain django-oauth-toolkit and django-oidc-provider, and print how it compares.

Run: make bench, or python -m benchmarks [name of a measure] …; each is a module of this package, with its targets.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.rows import AS_JSON, HEAD, Row, machine, markdown, text

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "docs" / "explanation" / "performance" / "results.json"
POSTGRESQL = ["-m", "tools.with_postgresql", sys.executable]
MEASURES: dict[str, list[str]] = {
    "middleware": [],
    "instructions": [],
    "authorization": [],
    "iframe_document": [],
    "iframe_messages": [],
    "logout": [],
    "logout_fanout": [],
    "outbox_memory": POSTGRESQL,
    "throughput": POSTGRESQL,
    "many_sessions": POSTGRESQL,
    "expiry": POSTGRESQL,
}
"""By module: what Python is told before it runs the module."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure this app beside others.")
    parser.add_argument("measures", nargs="*", metavar="measure", help=", ".join(MEASURES))
    wanted = parser.parse_args().measures or list(MEASURES)
    if unknown := set(wanted) - set(MEASURES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    print(HEAD)
    began = time.monotonic()
    rows: list[Row] = []
    whole = [measure(name, rows) for name in wanted]
    print(f"{machine()}; {time.monotonic() - began:.0f} s")
    if wanted == list(MEASURES) and all(whole):
        write(rows)
    sys.exit(0 if all(whole) and all(row.is_met for row in rows) else 1)


def write(rows: list[Row]) -> None:
    """Keep the results of a complete run for the documentation."""
    RESULTS.parent.mkdir(exist_ok=True)
    document = {"machine": machine(), "rows": [asdict(row) for row in rows]}
    RESULTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    head = f"# Figures\n\nWritten by `make bench` ({machine()}); see [what it costs](../performance.md).\n\n"
    RESULTS.with_suffix(".md").write_text(head + markdown(rows), encoding="utf-8")


def measure(name: str, rows: list[Row]) -> bool:
    """Add a measure's rows as they come; False where it did not come to its end, and has said why."""
    command = [sys.executable, *MEASURES[name], "-m", f"benchmarks.{name}"]
    environment = os.environ | {AS_JSON: "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            rows.append(Row(**json.loads(line)))
            print(text(rows[-1]), flush=True)
    return process.returncode == 0


if __name__ == "__main__":
    main()
