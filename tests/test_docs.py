"""The docs say what the code does: nothing is missing from the reference, and nothing is made up."""

import json
import re
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.dispatch import Signal

import oidc_session
from oidc_session import metrics, signals
from oidc_session.conf import DEFAULTS

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]


def headings(page):
    return set(re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE))


def code(page, language):
    """Return the page's code blocks, those within lists too."""
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in blocks]


def test_every_setting_is_in_the_reference():
    assert headings(REFERENCE / "settings.md") == set(DEFAULTS)


def test_every_default_is_in_the_reference():
    text = (REFERENCE / "settings.md").read_text()
    shown = {name: text.split(f"## {name}\n")[1].split("\n## ")[0] for name in DEFAULTS}
    for name, default in DEFAULTS.items():
        assert f"`{type(default).__name__}`" in shown[name]
        written = json.dumps(default) if isinstance(default, str | list) else str(default)
        assert f"`{written}`" in shown[name] or "required" in shown[name]


def test_every_check_is_in_the_reference():
    source = "".join(path.read_text() for path in Path(oidc_session.__file__).parent.rglob("*.py"))
    assert headings(REFERENCE / "checks.md") == set(re.findall(r'id="(oidc_session\.[EW]\d{3})"', source))


def test_every_command_is_in_the_reference():
    commands = (Path(oidc_session.__file__).parent / "management" / "commands").glob("[a-z]*.py")
    assert headings(REFERENCE / "commands.md") == {path.stem for path in commands}


def test_every_signal_is_in_the_reference():
    names = {name for name, value in vars(signals).items() if isinstance(value, Signal)}
    assert headings(REFERENCE / "signals.md") == names


def test_every_metric_is_in_the_reference():
    source = Path(metrics.__file__).read_text()
    assert headings(REFERENCE / "metrics.md") == set(re.findall(r'"(oidc_session\.[a-z_.]+[a-z])"', source))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_examples_are_python(page):
    for block in code(page, "python"):
        compile(block, str(page), "exec")


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "installation.md"], ids=lambda page: page.name)
def test_following_the_instructions_satisfies_the_checks(page, settings):
    from django.urls import include, path

    project = {
        "INSTALLED_APPS": [name for name in settings.INSTALLED_APPS if name != "oidc_session"],
        "MIDDLEWARE": [name for name in settings.MIDDLEWARE if not name.startswith("oidc_session")],
        "OAUTH2_PROVIDER": {name: settings.OAUTH2_PROVIDER[name] for name in ("OIDC_ENABLED", "OIDC_RSA_PRIVATE_KEY")},
        "env": lambda name: f"the value of {name} in the environment",
        "include": include,
        "path": path,
    }
    for block in code(page, "python"):
        exec(block, project)
    settings.INSTALLED_APPS = project["INSTALLED_APPS"]
    settings.MIDDLEWARE = project["MIDDLEWARE"]
    settings.OAUTH2_PROVIDER = project["OAUTH2_PROVIDER"]
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": project["urlpatterns"]})
    assert [message for message in run_checks() if message.id.startswith("oidc_session.")] == []


def test_every_picture_is_shown_in_the_light_in_the_dark_and_on_a_phone():
    names = {path.name for path in (ROOT / "docs" / "images").iterdir()}
    pages = {re.sub(r"-(light|dark|phone)\.png$", "", name) for name in names}
    assert names == {f"{page}-{way}.png" for page in pages for way in ("light", "dark", "phone")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r'(?:\]\(|src="|srcset=")(?!https?:|#|{)([^)#"]+)', page.read_text()):
        assert (page.parent / target).exists(), target
