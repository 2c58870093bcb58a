"""All texts that people see are there in each language, and come out on the pages."""

import re
from pathlib import Path

import django
import pytest
from django.utils import translation

from tests.catalogues import LANGUAGES, PROVIDER, RELYING_PARTY, catalogue, compiled, entries, marked, marked_in
from tests.registration import register

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+>")
LOCALE_MIDDLEWARE = "django.middleware.locale.LocaleMiddleware"
EACH = pytest.mark.parametrize(
    ("app", "language"), [(app, language) for app in (PROVIDER, RELYING_PARTY) for language in LANGUAGES]
)


@pytest.fixture
def languages(settings):
    """A site that speaks the browser's language; the thread speaks its own again afterwards."""
    place = settings.MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware") + 1
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:place], LOCALE_MIDDLEWARE, *settings.MIDDLEWARE[place:]]
    with translation.override(translation.get_language()):
        yield


# The catalogues


@EACH
def test_catalogue_has_all_texts_and_no_other(app, language):
    assert entries(app, language).keys() == marked(app)


def test_texts_are_found_in_python_and_in_templates():
    assert {("It expired.",), ("This browser",)} <= marked(PROVIDER)
    assert ("%(ended)d session ended.", "%(ended)d sessions ended.") in marked(PROVIDER)
    assert ("Ended in the last day", "Ended in the last %(days)s days") in marked(PROVIDER)
    assert {("Please sign in",), ("The provider says: %(error)s",)} <= marked(RELYING_PARTY)


def test_text_that_is_no_literal_is_found():
    with pytest.raises(ValueError, match="malformed"):
        list(marked_in("gettext(text)"))


@EACH
def test_every_text_is_translated(app, language):
    for texts, translations in entries(app, language).items():
        assert len(translations) == len(texts)
        assert all(translations), texts
    assert "fuzzy" not in catalogue(app, language).read_text()


@EACH
def test_translations_have_the_placeholders_of_the_text(app, language):
    for texts, translations in entries(app, language).items():
        for text, translated in zip(texts, translations, strict=True):
            assert sorted(PLACEHOLDER.findall(translated)) == sorted(PLACEHOLDER.findall(text))


@EACH
def test_compiled_catalogue_says_the_same(app, language):
    expected = {}
    for texts, translations in entries(app, language).items():
        one = {texts[0]: translations[0]}
        expected |= one if len(texts) == 1 else {(texts[0], form): text for form, text in enumerate(translations)}
    assert compiled(catalogue(app, language).with_suffix(".mo")) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_apps_translate_a_text_alike(language):
    ours, theirs = entries(PROVIDER, language), entries(RELYING_PARTY, language)
    assert {texts: ours[texts] for texts in ours.keys() & theirs} == {
        texts: theirs[texts] for texts in ours.keys() & theirs
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_djangos_admin_stay_as_they_are(language):
    """A project's catalogues are one: what we translate, we translate on every page."""
    contrib = Path(django.__file__).parent / "contrib"
    ours = {texts[0]: text[0] for app in (PROVIDER, RELYING_PARTY) for texts, text in entries(app, language).items()}
    for name in ("admin", "auth", "sessions"):
        djangos = compiled(contrib / name / "locale" / language / "LC_MESSAGES" / "django.mo")
        assert {text: ours[text] for text in ours.keys() & djangos} == {
            text: djangos[text] for text in ours.keys() & djangos
        }


@pytest.mark.parametrize(("language", "expected"), [("de", "0 Sitzungen beendet."), ("fr", "0 session terminée.")])
def test_nothing_is_counted_as_the_language_counts_it(language, expected):
    with translation.override(language):
        text = translation.ngettext("%(ended)d session ended.", "%(ended)d sessions ended.", 0)
    assert text % {"ended": 0} == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("de", "Bitte melden Sie sich an"), ("fr", "Veuillez vous connecter")]
)
def test_relying_party_brings_its_own_texts(settings, language, expected):
    settings.INSTALLED_APPS = ["oidc_session.rp"]
    alone = translation.trans_real.DjangoTranslation(language)
    assert alone.gettext("Please sign in") == expected
    assert alone.gettext("Where you are signed in") == "Where you are signed in"


# The pages


@pytest.mark.parametrize(
    ("language", "heading", "button"),
    [("de", "Wo Sie angemeldet sind", "Überall abmelden"), ("fr", "Où vous êtes connecté", "Se déconnecter partout")],
)
def test_page_of_sessions_is_in_the_browsers_language(client, alice, languages, language, heading, button):
    client.force_login(alice)
    page = client.get("/sessions/", headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}">' in page
    assert f"<h1>{heading}</h1>" in page
    assert f">{button}</button>" in page


@pytest.mark.parametrize(
    ("language", "expected"), [("de", "Abmeldemitteilungen"), ("fr", "Notifications de déconnexion")]
)
def test_admin_is_in_the_browsers_language(admin_client, languages, language, expected):
    assert expected in admin_client.get("/admin/oidc_session/", headers={"accept-language": language}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_clients_are_refused_in_ascii(client, languages, provider, language):
    """RFC 7591, "Client Registration Error Response"."""
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    description = register(client, backchannel_logout_uri="ftp://rp.example/").json()["error_description"]
    assert "The scheme of the logout URI must be one of" in description
    too_long = register(client, backchannel_logout_uri=f"https://rp.example/{'a' * 3000}").json()
    assert "Ensure this value has at most" in too_long["error_description"]
