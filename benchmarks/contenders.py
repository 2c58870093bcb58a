"""The providers that are measured beside each other: each a process in a virtual environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, cast

import django

from benchmarks.missing import Missing
from tests.keys import rsa_pem

ROOT = Path(__file__).parent.parent
ENVIRONMENTS = ROOT / "benchmarks" / "var"
DJANGO = f"Django=={django.get_version()}"
REQUIREMENTS = {
    "dot": [DJANGO, "django-oauth-toolkit==3.4.1", "oauthlib<4", "psycopg[binary]", "gunicorn", "uvicorn"],
    "oidc_provider": [DJANGO, "django-oidc-provider==0.9.0", "psycopg[binary]"],
    "oidc_session": [DJANGO, "--editable", f"{ROOT}", "psycopg[binary]", "gunicorn", "uvicorn"],
}
NAMES = tuple(REQUIREMENTS)


@dataclass
class Contender:
    name: str
    process: subprocess.Popen[str]

    def do(self, job: str, **arguments: Any) -> Any:
        """Have the provider do one of benchmarks.provider.jobs, and return its result."""
        stdin, stdout = cast("IO[str]", self.process.stdin), cast("IO[str]", self.process.stdout)
        stdin.write(json.dumps({"job": job} | arguments) + "\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} could not do {job}.")
        return json.loads(answer)


@contextmanager
def contenders(*names: str) -> Iterator[list[Contender]]:
    """Start these providers, each with an empty SQLite database."""
    with ExitStack() as stack:
        yield [stack.enter_context(contender(name)) for name in names or NAMES]


@contextmanager
def contender(name: str, wrapper: tuple[str, ...] = ()) -> Iterator[Contender]:
    """Start a provider with an empty SQLite database, by a command such as valgrind's where one is given."""
    with TemporaryDirectory(prefix=f"{name}-") as folder:
        environment = environment_of(name, Path(folder), sqlite(Path(folder)))
        django_admin(name, environment, "migrate", "--verbosity=0")
        with provider(name, environment, wrapper) as started:
            yield started


@contextmanager
def provider(name: str, environment: dict[str, str], wrapper: tuple[str, ...] = ()) -> Iterator[Contender]:
    """Start a provider that takes orders."""
    command = [*wrapper, python_of(name), "-m", "benchmarks.provider"]
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Contender(name, process)
        finally:
            process.kill()


def django_admin(name: str, environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([python_of(name), "-m", "django", *arguments], env=environment, cwd=ROOT, check=True)


def environment_of(name: str, folder: Path, database: dict[str, Any]) -> dict[str, str]:
    """Return the environment of a provider's process, which keeps its files in a folder."""
    key = folder / "key.pem"
    key.write_text(rsa_pem(), encoding="ascii")
    return os.environ | {
        "CONTENDER": name,
        "BENCHMARK_DATABASE": json.dumps(database),
        "BENCHMARK_KEY": str(key),
        "DJANGO_SETTINGS_MODULE": "benchmarks.provider.settings",
        "PYTHONHASHSEED": "0",
    }


def sqlite(folder: Path) -> dict[str, Any]:
    init = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "db.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": init},
    }


def python_of(name: str) -> Path:
    """Return the interpreter of a provider's virtual environment, which is made now if it is not there."""
    folder = ENVIRONMENTS / name
    requirements, done = REQUIREMENTS[name], folder / "requirements"
    if not done.exists() or done.read_text(encoding="utf-8") != " ".join(requirements):
        make_environment(folder, requirements)
        done.write_text(" ".join(requirements), encoding="utf-8")
    return folder / "bin" / "python"


def make_environment(folder: Path, requirements: list[str]) -> None:
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        raise Missing("Python's venv", "apt-get install python3-venv") from error
    install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run([*install, *requirements], check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        line = " ".join(map(str, [*install[:4], *requirements]))
        raise Missing(f"what {folder.name} needs ({error.stderr.strip()[-300:]})", line) from error
