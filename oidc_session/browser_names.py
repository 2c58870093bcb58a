"""A browser and its system in words, made of the User-Agent that it sent."""

from contextlib import suppress

from django.utils.text import Truncator
from django.utils.translation import gettext as _

LONGEST = 60  # Characters of a User-Agent that nothing puts into words.
SYSTEMS = {"Mac OS X": "macOS"}


def browser_name(user_agent: str) -> str:
    """Return a name as in "Firefox on Windows"; without the extra `user-agents`, what was sent, shortened.

    Versions are left out: browsers freeze those of systems, and their own change every month.
    """
    if not user_agent.strip():
        return _("A browser")
    return _in_words(user_agent) or Truncator(user_agent).chars(LONGEST)


def _in_words(user_agent: str) -> str:
    with suppress(ImportError):
        from ua_parser import parse_os, parse_user_agent

        browser, system = parse_user_agent(user_agent), parse_os(user_agent)
        if browser and system:
            names = {"browser": browser.family, "system": SYSTEMS.get(system.family, system.family)}
            return _("%(browser)s on %(system)s") % names
        return browser.family if browser else ""
    return ""
