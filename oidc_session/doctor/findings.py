"""What the doctor finds, and how it is shown."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from oidc_session.exceptions import OIDCSessionError

LONGEST = 300  # Characters of what a site has said.


class Result(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """What one check has found; the remedy is the line to write."""

    result: Result
    found: str = ""
    remedy: str = ""
    check: str = ""


class Unanswered(OIDCSessionError):
    """The site has said nothing that more could be asked about."""

    def __init__(self, found: str, remedy: str) -> None:
        self.finding = error(found, remedy)


def fine(found: str) -> Finding:
    return Finding(Result.OK, found)


def warning(found: str, remedy: str) -> Finding:
    return Finding(Result.WARNING, found, remedy)


def error(found: str, remedy: str) -> Finding:
    return Finding(Result.ERROR, found, remedy)


def as_table(findings: Iterable[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{finding.result.upper():8} {finding.check:22} {_plain(finding.found)}".rstrip())
        if finding.remedy:
            lines.append(f"{'':8} -> {_plain(finding.remedy)}")
    return "\n".join(lines)


def as_json(findings: Iterable[Finding]) -> str:
    members = (
        {name: getattr(finding, name) for name in ("check", "result", "found", "remedy")} for finding in findings
    )
    return json.dumps(list(members), indent=2)


def _plain(text: str) -> str:
    """Return a text fit for a terminal: what a site says is not to steer it."""
    return "".join(character if character.isprintable() else "?" for character in text)
