"""A row of the table: what was measured, of whom, and what it should be."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass
class Row:
    what: str
    unit: str
    ours: float
    limit: float = math.inf
    """The most that it should be, in the unit."""
    dot: float | None = None
    oidc_provider: float | None = None
    note: str = ""
    is_met: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_met = self.ours <= self.limit

    def as_json(self) -> dict[str, Any]:
        """Return what JSON can say: it knows no infinity."""
        return asdict(self) | {"limit": self.limit if math.isfinite(self.limit) else None}


def at_least(what: str, unit: str, ours: float, least: float, **others: Any) -> Row:
    """Return a row of which more is better."""
    row = Row(what, unit, ours, **others)
    row.limit, row.is_met = least, ours >= least
    row.note = f"at least {least:,g}"
    return row


def micro(seconds: Iterable[float]) -> float:
    return 1e6 * median(seconds)


def milli(seconds: Iterable[float]) -> float:
    return 1e3 * median(seconds)


HEAD = f"{'':66}{'DOT':>12}{'d-o-p':>12}{'ours':>12}{'target':>12}"


def line(row: Row) -> str:
    target = row.note or (f"{row.limit:,g}" if math.isfinite(row.limit) else "")
    verdict = "" if not target else "  met" if row.is_met else "  MISSED"
    what = f"{row.what}, {row.unit}" if row.unit else row.what
    return f"{what:66}{_number(row.dot)}{_number(row.oidc_provider)}{_number(row.ours)}{target:>12}{verdict}"


def _number(value: float | None) -> str:
    if value is None:
        return f"{'-':>12}"
    return f"{value:12,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:12.2f}"
