"""What a logout by the wish of an application costs: with few tokens, with many here, with many elsewhere."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.contenders import contenders
from benchmarks.rows import Row, show

ROUNDS = 9
CASES: tuple[tuple[str, dict[str, int], int], ...] = (
    ("one token", {}, ROUNDS),
    ("30 tokens in this session", {"tokens": 30}, 5),
    ("10,000 tokens in other sessions", {"elsewhere": 10_000}, 1),
)


def measure() -> Iterator[Row]:
    with contenders() as all_three:
        for one in all_three:
            one.do("logout")  # Imports and caches.
        for what, arguments, rounds in CASES:
            done: dict[str, list[Any]] = {one.name: [] for one in all_three}
            for _ in range(rounds):
                for one in all_three:
                    done[one.name].append(one.do("logout", **arguments))
            took = {name: 1000 * median(each["took"] for each in found) for name, found in done.items()}
            queries = {name: found[-1]["queries"] for name, found in done.items()}
            yield row(what, "ms", took, 20)
            yield row(what, "queries", queries, 19)


def row(what: str, unit: str, measured: dict[str, float], limit: float) -> Row:
    return Row(
        f"logout by an application, {what}",
        unit,
        measured["oidc_session"],
        limit,
        dot=measured["dot"],
        oidc_provider=measured["oidc_provider"],
    )


if __name__ == "__main__":
    show(measure())
