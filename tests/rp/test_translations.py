import pytest
from django.utils import translation

LOCALE_MIDDLEWARE = "django.middleware.locale.LocaleMiddleware"


@pytest.fixture
def languages(settings, site):
    """A site that speaks the browser's language; the thread speaks its own again afterwards."""
    settings.MIDDLEWARE = [LOCALE_MIDDLEWARE, *settings.MIDDLEWARE]
    with translation.override(translation.get_language()):
        yield


@pytest.mark.parametrize(
    ("language", "heading", "said"),
    [
        ("de", "Sie sind nicht angemeldet", "Der Anbieter sagt: access_denied"),
        (
            "fr",
            "Vous n\N{RIGHT SINGLE QUOTATION MARK}êtes pas connecté",
            "Le fournisseur dit\N{NO-BREAK SPACE}: access_denied",
        ),
    ],
)
def test_error_page_is_in_the_browsers_language(browser, languages, language, heading, said):
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    page = browser.come_back(browser.begin(), code=None, error="access_denied").content.decode()
    assert f'<html lang="{language}">' in page
    assert f"<h1>{heading}</h1>" in page
    assert f"<p>{said}</p>" in page
