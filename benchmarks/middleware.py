"""What the middleware adds to a request: seconds of CPU, bytes, queries."""

from collections.abc import Iterator

from benchmarks.contenders import contenders
from benchmarks.rows import Row, micro, show

ROUNDS, TURNS = 4, 300
VIEWS = (
    ("a view that leaves the session alone", "/untouched/", False, 5),
    ("the same, signed in", "/untouched/", True, 5),
    ("a view that reads request.user, signed in", "/person/", True, 15),
)


def measure() -> Iterator[Row]:
    with contenders("oidc_provider", "oidc_session") as (other, ours):
        for what, path, signed_in, limit in VIEWS:
            added: dict[str, list[float]] = {"oidc_provider": [], "oidc_session": []}
            for _ in range(ROUNDS):
                for one in (other, ours):
                    added[one.name] += one.do("middleware", path=path, signed_in=signed_in, rounds=TURNS)
            seconds = {name: micro(values) for name, values in added.items()}
            yield Row(
                f"middleware, {what}", "us", seconds["oidc_session"], limit, oidc_provider=seconds["oidc_provider"]
            )
            one, two = (each.do("view", path=path, signed_in=signed_in) for each in (other, ours))
            yield Row(
                f"middleware, {what}", "bytes of cookies", two["cookie_bytes"], 0, oidc_provider=one["cookie_bytes"]
            )
            yield Row(f"middleware, {what}", "queries", two["queries"], one["queries"], oidc_provider=one["queries"])
            if path == "/untouched/":
                yield Row(f"middleware, {what}", "Vary headers", bool(two["vary"]), 0, oidc_provider=bool(one["vary"]))


if __name__ == "__main__":
    show(measure())
