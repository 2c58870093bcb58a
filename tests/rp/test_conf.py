import pytest

from oidc_session.rp.conf import Provider, conf, default_provider_name, provider_named, provider_names
from oidc_session.rp.exceptions import UnknownProvider

ONE = {"issuer": "https://one.example", "client_id": "rp"}


def test_settings_are_read_at_the_moment_of_use(rp):
    assert conf.cookie_name == "oidc_rp"
    rp(cookie_name="mine")
    assert conf.cookie_name == "mine"


def test_defaults_hold_without_any_setting(settings):
    del settings.OIDC_RP
    assert conf.store == "database"
    assert provider_names() == []
    assert default_provider_name() == ""


def test_provider_is_found_by_name(rp):
    rp(providers={"one": ONE})
    assert provider_named("one") == Provider(name="one", **ONE)


def test_unknown_provider_is_none(rp):
    with pytest.raises(UnknownProvider, match=r"^OIDC_RP has no provider"):
        provider_named("unknown")


def test_first_provider_is_the_default(rp):
    rp(providers={"one": ONE, "two": ONE})
    assert default_provider_name() == "one"
    rp(default_provider="two")
    assert default_provider_name() == "two"


def test_secret_is_not_shown():
    assert "shh" not in repr(Provider(name="one", client_secret="shh", **ONE))
