"""What both projects take from the environment; the defaults work on one machine."""

import os
from pathlib import Path
from typing import Any

import dj_database_url

ROOT = Path(__file__).parents[1]
VAR = ROOT / "testproject" / "var"

OP_URL = (os.environ.get("OP_URL") or "http://localhost:8000").rstrip("/")
RP_URL = (os.environ.get("RP_URL") or "http://localhost:8001").rstrip("/")
SECOND_RP_URL = (os.environ.get("SECOND_RP_URL") or "http://localhost:8002").rstrip("/")
ISSUER = OP_URL + "/o"

SAMPLE_RP_ID = "sample-rp"
SAMPLE_RP_SECRET = "demo-secret-of-the-sample-rp"
SECOND_RP_ID = "second-rp"
SECOND_RP_SECRET = "demo-secret-of-the-second-rp"
SAMPLE_SPA_ID = "sample-spa"
PASSWORD = "demo-pass"

SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",  # Wait for the lock at the start; in the middle SQLite would not wait.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
}


def database(variable: str, file_name: str) -> dict[str, Any]:
    """Return the database that the environment variable names, else the SQLite file."""
    config = dj_database_url.parse(os.environ.get(variable) or in_var(file_name))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = SQLITE_OPTIONS | config.get("OPTIONS", {})
    return dict(config)


def in_var(file_name: str) -> str:
    VAR.mkdir(exist_ok=True)
    return f"sqlite:///{VAR / file_name}"


def of_second_rp(url: str, first_url: str) -> dict[str, str]:
    """Return the environment in which testproject.rp is the second application, not the first."""
    return {
        "RP_URL": url,
        "RP_CLIENT_ID": SECOND_RP_ID,
        "RP_CLIENT_SECRET": SECOND_RP_SECRET,
        "RP_DATABASE_URL": os.environ.get("SECOND_RP_DATABASE_URL") or in_var("second_rp.sqlite3"),
        "RP_NAME": "Second application",
        "RP_COLOUR": "amber",
        "OTHER_RP_URL": first_url,
    }


def plain_logging(project: str) -> dict[str, Any]:
    """Return the LOGGING of a project whose lines shall be told from the other's."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": f"{project} %(levelname)s %(name)s %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "loggers": {"django": {"level": "INFO"}},  # Drops Django's own handler: each line once.
        "root": {"handlers": ["console"], "level": "INFO"},
    }
