"""The order in which the doctor asks: what has no ground to stand on is not asked."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

from django.db import DatabaseError

from oidc_session.conf import conf
from oidc_session.doctor import applications, browser, discovery, house, iframe
from oidc_session.doctor.findings import Finding, Result, Unanswered, error
from oidc_session.doctor.site import Site

Question = Callable[[Site], Iterator[Finding]]


def examine(issuer: str) -> Iterator[Finding]:
    """Ask everything that the settings give reason to."""
    site = Site(issuer)
    yield from _ask_all((*house.QUESTIONS, *applications.QUESTIONS), site)
    known = yield from _ask_all(discovery.QUESTIONS, site)
    if known and conf.SESSION_MANAGEMENT_ENABLED:
        yield from _ask_all(iframe.QUESTIONS, site)
        for question in browser.QUESTIONS:
            yield from _ask(question, site)


def names() -> list[str]:
    """Return the names of all checks, in their order."""
    modules = (house, applications, discovery, iframe, browser)
    return [_name(question) for module in modules for question in module.QUESTIONS]


def _ask_all(questions: Sequence[Question], site: Site) -> Generator[Finding, None, bool]:
    """Ask one question after the other, and return whether the first, on which the others stand, has an answer."""
    for question in questions:
        findings = _ask(question, site)
        yield from findings
        if question is questions[0] and any(finding.result is Result.ERROR for finding in findings):
            return False
    return True


def _ask(question: Question, site: Site) -> list[Finding]:
    try:
        findings = list(question(site))
    except Unanswered as unanswered:
        findings = [unanswered.finding]
    except DatabaseError as failure:
        findings = [
            error(f"the database fails: {type(failure).__name__}", "Look at DATABASES, and run: manage.py migrate.")
        ]
    return [replace(finding, check=_name(question)) for finding in findings or [Finding(Result.OK)]]


def _name(question: Question) -> str:
    return question.__name__.replace("_", " ")
