"""What an authorization costs where consent is skipped, the first time at an application and later."""

from collections.abc import Iterator
from typing import Any

from benchmarks.contenders import contenders
from benchmarks.rows import Row, milli, show

ROUNDS = 10
AUTHORIZATIONS, APPLICATIONS = 40, 20


def measure() -> Iterator[Row]:
    results: dict[str, list[Any]] = {}
    with contenders() as all_three:
        for _ in range(ROUNDS):
            for one in all_three:
                done = one.do("authorization", times=AUTHORIZATIONS, applications=APPLICATIONS)
                results.setdefault(one.name, []).append(done)
    for what, cpu, queries, ratio, more in (
        ("authorization, repeated in one session", "cpu", "queries", 1.15, 2),
        ("authorization, first of an application", "first_cpu", "first_queries", 1.3, 4),
    ):
        took = {name: milli(value for done in found for value in done[cpu]) for name, found in results.items()}
        yield Row(what, "ms CPU", took["oidc_session"], dot=took["dot"], oidc_provider=took["oidc_provider"])
        yield Row(what, "times DOT's CPU", took["oidc_session"] / took["dot"], ratio, dot=1)
        asked = {name: found[-1][queries] for name, found in results.items()}
        yield Row(
            what,
            "queries",
            asked["oidc_session"],
            asked["dot"] + more,
            dot=asked["dot"],
            oidc_provider=asked["oidc_provider"],
        )


if __name__ == "__main__":
    show(measure())
