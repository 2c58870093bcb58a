import pytest
from django.core.cache import cache

from oidc_session.rp.conf import provider_named
from tests.rp.browser import Browser
from tests.rp.provider import running_provider


@pytest.fixture
def rp(settings):
    """Change OIDC_RP for one test: rp(name=value); and its provider "demo": rp(demo={"name": value})."""

    def change(demo=None, **changes):
        if demo:
            changes["providers"] = {"demo": settings.OIDC_RP["providers"]["demo"] | demo}
        settings.OIDC_RP = settings.OIDC_RP | changes

    return change


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def op(rp):
    """A provider that answers on 127.0.0.1: the one that is named demo."""
    with running_provider() as provider:
        rp({"issuer": provider.url})
        yield provider


@pytest.fixture
def demo(op):
    """Return the provider as OIDC_RP has it at that moment: demo()."""
    return lambda: provider_named("demo")


@pytest.fixture(autouse=True)
def site(settings):
    """A site that is a relying party, and no provider."""
    settings.ROOT_URLCONF = "tests.rp.urls"
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "oidc_session.rp.middleware.RelyingPartyMiddleware",
        "oidc_session.rp.users.middleware.OIDCUserMiddleware",
    ]
    settings.AUTHENTICATION_BACKENDS = ["oidc_session.rp.users.backends.OIDCBackend"]


@pytest.fixture
def browser(db, op):
    """A browser of which nobody is signed in."""
    return Browser(op)


@pytest.fixture
def alice_s(browser):
    """A browser in which Alice is signed in at demo."""
    browser.sign_in()
    return browser
