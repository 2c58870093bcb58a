"""A row of the table: what was measured, of whom, and what it should be."""

import json
import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from statistics import median

from benchmarks.missing import Missing

AS_JSON = "BENCHMARK_ROWS_AS_JSON"
HEAD = f"{'':78}{'DOT':>10}{'d-o-p':>10}{'ours':>10}  target"


@dataclass(frozen=True)
class Row:
    what: str
    unit: str
    ours: float
    most: float | None = None
    dot: float | None = None
    oidc_provider: float | None = None
    least: float | None = None
    others: dict[str, float] = field(default_factory=dict)
    """What others take for the same, by what they are."""

    @property
    def is_met(self) -> bool:
        return (self.most is None or self.ours <= self.most) and (self.least is None or self.ours >= self.least)

    @property
    def target(self) -> str:
        """The target in words, and whether it is met; empty where there is none."""
        words = [
            f"{limit:,g} at {end}" for limit, end in ((self.most, "most"), (self.least, "least")) if limit is not None
        ]
        return "".join([*words, "" if not words else ", met" if self.is_met else ", MISSED"])

    @property
    def remarks(self) -> str:
        """The target, and what others take."""
        others = [f"{name} {_number(value)}" for name, value in self.others.items()]
        return "; ".join([*filter(None, [self.target]), *others])


def micro(seconds: Iterable[float]) -> float:
    """Return the median in microseconds."""
    return 1e6 * median(seconds)


def milli(seconds: Iterable[float]) -> float:
    """Return the median in milliseconds."""
    return 1e3 * median(seconds)


def show(rows: Iterable[Row]) -> None:
    """Print rows as they come; to the benchmark, which asks for it, as JSON."""
    line = _json if os.environ.get(AS_JSON) else text
    if line is text:
        print(HEAD)
    try:
        for row in rows:
            print(line(row), flush=True)
    except Missing as missing:
        sys.exit(str(missing))


def text(row: Row) -> str:
    numbers = "".join(f"{_number(value):>10}" for value in (row.dot, row.oidc_provider, row.ours))
    return f"{row.what + ', ' + row.unit:78}{numbers}  {row.remarks}"


def markdown(rows: Iterable[Row]) -> str:
    """Return a table for the documentation."""
    head = "| what | unit | DOT | django-oidc-provider | oidc_session | target |\n"
    head += "| --- | --- | ---: | ---: | ---: | --- |\n"
    lines = ((row.what, row.unit, *map(_number, (row.dot, row.oidc_provider, row.ours)), row.remarks) for row in rows)
    return head + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}"


def _json(row: Row) -> str:
    return json.dumps(asdict(row))


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.2f}"
