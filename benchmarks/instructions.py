"""How many instructions the middleware adds to a request, and an authorization takes: the same on a busy machine."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.contenders import Contender, contender
from benchmarks.missing import need_command
from benchmarks.rows import Row, show

VIEWS = (
    ("a view that leaves the session alone", "/untouched/", 10_000, 200),
    ("reads request.user", "/person/", None, 50),
)
AUTHORIZATIONS = 10
TOTALS = re.compile(r"^(?:totals|summary): ([0-9]+)", re.MULTILINE)


def measure() -> Iterator[Row]:
    need_command("valgrind", "apt-get install valgrind")
    added: dict[str, dict[str, int]] = {}
    authorizations = {}
    for name in ("dot", "oidc_provider", "oidc_session"):
        with counting(name) as counter:
            if name != "dot":
                added[name] = {path: added_by_middleware(counter, path, times) for _, path, _, times in VIEWS}
            authorizations[name] = of_an_authorization(counter)
    for what, path, limit, _ in VIEWS:
        ours, other = (added[name][path] for name in ("oidc_session", "oidc_provider"))
        limits = {} if limit is None else {"most": limit}
        yield Row(f"middleware, {what}, signed in", "instructions", ours, oidc_provider=other, **limits)
    ratio = authorizations["oidc_session"] / authorizations["dot"]
    other = authorizations["oidc_provider"] / authorizations["dot"]
    yield Row("authorization, repeated in one session", "times DOT's instructions", ratio, 1.15, 1, other)


class Counter:
    """A provider under callgrind, which counts what it does between two looks."""

    def __init__(self, provider: Contender, folder: Path) -> None:
        self.provider = provider
        self.folder = folder

    def of(self, job: str, **arguments: Any) -> int:
        """Return the instructions that a job takes."""
        self.dumped()
        self.provider.do(job, **arguments)
        return self.dumped()

    def dumped(self) -> int:
        """Return the instructions since the last time."""
        before = set(self.folder.iterdir())
        control("--dump", self.provider)
        new = set(self.folder.iterdir()) - before
        return sum(int(found[1]) for path in new if (found := TOTALS.search(path.read_text(encoding="utf-8"))))


@contextmanager
def counting(name: str) -> Iterator[Counter]:
    with TemporaryDirectory(prefix="callgrind-") as folder:
        output = f"--callgrind-out-file={folder}/out.%p"
        wrapper = ("valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", output)
        with contender(name, wrapper) as provider:
            yield Counter(provider, Path(folder))


def control(order: str, provider: Contender) -> None:
    pid = str(provider.process.pid)
    subprocess.run(["callgrind_control", *order.split(), pid], check=True, capture_output=True)


def added_by_middleware(counter: Counter, path: str, times: int) -> int:
    provider = counter.provider
    provider.do("prepare_view", path=path, signed_in=True)
    for with_middleware in (True, False):  # What Python learns and keeps at first is not counted.
        provider.do("answer_view", times=times, with_middleware=with_middleware)
    provider.do("collect_no_garbage")
    control("--instr=on", provider)
    with_it, without = (
        counter.of("answer_view", times=times, with_middleware=with_middleware) for with_middleware in (True, False)
    )
    control("--instr=off", provider)
    return (with_it - without) // times


def of_an_authorization(counter: Counter) -> int:
    provider = counter.provider
    provider.do("authorization", times=AUTHORIZATIONS)
    provider.do("collect_no_garbage")
    control("--instr=on", provider)
    before = counter.of("authorization", times=0)
    after = counter.of("authorization", times=AUTHORIZATIONS)
    control("--instr=off", provider)
    return (after - before) // AUTHORIZATIONS


if __name__ == "__main__":
    show(measure())
