"""Draw flame graphs of a login, an authorization and a logout into docs/explanation/performance.

Run: python -m benchmarks.flames
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks.contenders import Contender, contender
from benchmarks.missing import Missing

FOLDER = Path(__file__).parent.parent / "docs" / "explanation" / "performance"
RATE, SECONDS = 400, 12
JOBS = {"login": "logins", "authorization": "authorizations", "logout": "logouts"}
ENVIRONMENT_PATH = re.compile(
    r"[^\"<>()]*/(?:site-packages|lib/python3\.[0-9]+)/|[^\"<>() ]*/(?=oidc_session/|benchmarks/)"
)
TITLE = re.compile(r'(<text id="title"[^>]*>)[^<]*')


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, job in JOBS.items():
        with contender("oidc_session") as provider, spy(provider, FOLDER / f"{name}.svg"):
            provider.do(job, seconds=SECONDS + 2)
        print(FOLDER / f"{name}.svg")


@contextmanager
def spy(provider: Contender, picture: Path) -> Iterator[None]:
    """Look at a provider while it does a job, and draw what it was seen to do."""
    provider.do("logout")  # Imports and caches.
    look = ["record", "--pid", str(provider.process.pid), "--duration", str(SECONDS), "--rate", str(RATE)]
    command = [py_spy(), *look, "--format", "flamegraph", "--output", str(picture)]
    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(subprocess.run, command, check=True, capture_output=True)
        yield
        looking.result()
    drawn = ENVIRONMENT_PATH.sub("", picture.read_text(encoding="utf-8"))
    picture.write_text(TITLE.sub(rf"\g<1>{picture.stem}", drawn), encoding="utf-8")


def py_spy() -> str:
    path = Path(sys.executable).parent / "py-spy"
    if not path.exists():
        raise Missing("py-spy", f"{sys.executable} -m pip install py-spy")
    return str(path)


if __name__ == "__main__":
    main()
