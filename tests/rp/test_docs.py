"""The reference of the relying party says what its code does."""

import json
import re
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.urls import include, path

import oidc_session.rp
from oidc_session.rp import draft_views
from oidc_session.rp.answers import LOGIN_FAILED, LOGIN_REFUSED, LOGIN_REQUIRED, STATUS
from oidc_session.rp.conf import DEFAULTS, PROVIDER_KEYS
from oidc_session.rp.provider_checks import REQUIRED, default_of
from oidc_session.rp.setting_types import name_of
from oidc_session.rp.templatetags import oidc_rp_drafts
from tests.test_docs import REFERENCE, ROOT, code, headings

PACKAGE = Path(oidc_session.rp.__file__).parent
STATIC = PACKAGE / "static" / "oidc_session_rp"
PROVIDER_DEFAULTS = {name: default_of(name) for name in PROVIDER_KEYS}


@pytest.mark.parametrize(("page", "defaults"), [("rp-settings", DEFAULTS), ("rp-providers", PROVIDER_DEFAULTS)])
def test_every_setting_is_in_the_reference_with_its_default(page, defaults):
    text = (REFERENCE / f"{page}.md").read_text()
    assert headings(REFERENCE / f"{page}.md") == set(defaults)
    for name, default in defaults.items():
        shown = text.split(f"## {name}\n")[1].split("\n## ")[0]
        assert f"`{name_of(default)}`" in shown
        written = str(default) if isinstance(default, bool) else json.dumps(default)
        assert f"default `{written}`" in shown or name in REQUIRED


def test_every_check_is_in_the_reference():
    source = "".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    assert headings(REFERENCE / "rp-checks.md") == set(re.findall(r'id="(oidc_session_rp\.[EW]\d{3})"', source))


def test_every_command_is_in_the_reference():
    commands = (PACKAGE / "management" / "commands").glob("[a-z]*.py")
    assert headings(REFERENCE / "rp-commands.md") == {path.stem for path in commands}


def test_following_the_instructions_satisfies_the_checks(settings):
    project = {
        "INSTALLED_APPS": [name for name in settings.INSTALLED_APPS if not name.startswith("oidc_session.rp")],
        "MIDDLEWARE": [name for name in settings.MIDDLEWARE if not name.startswith("oidc_session.rp")],
        "env": lambda name: f"the value of {name} in the environment",
        "include": include,
        "path": path,
    }
    for block in code(ROOT / "docs" / "howto" / "relying-party.md", "python"):
        exec(block, project)
    for name in ("INSTALLED_APPS", "MIDDLEWARE", "OIDC_RP", "AUTHENTICATION_BACKENDS"):
        setattr(settings, name, project[name])
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": project["urlpatterns"]})
    assert [message for message in run_checks() if message.id.startswith("oidc_session_rp.")] == []


def test_every_error_is_in_the_reference_with_its_status():
    text = (REFERENCE / "rp-sessions.md").read_text()
    assert dict(re.findall(r"^\| `(\w+)` \| (\d{3}) ", text, re.MULTILINE)) == {
        str(name): str(status) for name, status in STATUS.items() if name not in (LOGIN_FAILED, LOGIN_REFUSED)
    }


def test_every_error_about_drafts_is_in_the_reference_with_its_status():
    text = (REFERENCE / "rp-drafts.md").read_text()
    known = draft_views.STATUS | {LOGIN_REQUIRED: STATUS[LOGIN_REQUIRED]}
    assert {name: int(status) for name, status in re.findall(r"^\| `(\w+)` \| (\d{3}) ", text, re.MULTILINE)} == known


def test_every_tag_is_in_the_reference():
    assert headings(REFERENCE / "rp-drafts.md") == {*oidc_rp_drafts.register.tags, "drafts/"}


def test_what_scripts_say_and_hear_is_in_the_reference():
    text = (REFERENCE / "rp-drafts.md").read_text()
    scripts = "".join((STATIC / name).read_text() for name in ("drafts.js", "expired.js"))
    named = set(re.findall(r'"(oidc[-_][\w-]+)"', scripts)) | set(re.findall(r"\[(data-oidc-[\w-]+)\]", scripts))
    assert named == {
        *("oidc-draft-restored", "oidc-expired", "oidc-session"),
        *("oidc_draft", "data-oidc-draft", "data-oidc-expired"),
    }
    assert all(f"`{name}" in text for name in named)
