import pytest

from oidc_session.rp.discovery import endpoint, keys, keys_anew, metadata
from oidc_session.rp.exceptions import ProviderUnavailable
from tests.rp.provider import CONFIGURATION, Answer, new_key


def test_metadata_are_asked_for_once(op, demo):
    assert metadata(demo()) == metadata(demo()) == op.metadata
    assert len(op.asked(CONFIGURATION)) == 1


def test_metadata_are_asked_for_again_when_their_time_is_over(op, demo, rp):
    rp(metadata_lifetime=-1)
    metadata(demo())
    metadata(demo())
    assert len(op.asked(CONFIGURATION)) == 2


def test_issuer_with_a_slash_at_its_end(op, demo, rp):
    rp({"issuer": op.url + "/"})
    op.answers[CONFIGURATION] = Answer(op.metadata | {"issuer": op.url + "/"})
    assert metadata(demo())["issuer"] == op.url + "/"


@pytest.mark.parametrize("issuer", ["https://evil.example", "", None, "slash"])
def test_metadata_of_another_issuer_are_none(op, demo, issuer):
    issuer = op.url + "/" if issuer == "slash" else issuer
    op.answers[CONFIGURATION] = Answer(op.metadata | {"issuer": issuer})
    with pytest.raises(ProviderUnavailable, match="another issuer"):
        metadata(demo())


def test_failure_is_not_remembered(op, demo):
    op.answers[CONFIGURATION] = Answer({}, 500)
    with pytest.raises(ProviderUnavailable):
        metadata(demo())
    del op.answers[CONFIGURATION]
    assert metadata(demo()) == op.metadata


@pytest.mark.parametrize("url", [None, 1, "", "http://op.example/token", "javascript:alert(1)"])
def test_endpoint_is_missing_or_may_not_be_called(op, demo, url):
    op.answers[CONFIGURATION] = Answer(op.metadata | {"token_endpoint": url})
    with pytest.raises(ProviderUnavailable, match="token_endpoint"):
        endpoint(demo(), "token_endpoint")


def test_keys_are_asked_for_once(op, demo):
    assert keys(demo()).get_key("first").thumbprint() == keys(demo()).get_key("first").thumbprint()
    assert len(op.asked("/jwks")) == 1


def test_keys_anew_are_throttled(op, demo):
    keys(demo())
    op.keys = [new_key("second")]
    assert keys_anew(demo()).get_key("second")
    assert keys_anew(demo()) is None
    assert keys(demo()).get_key("second")
    assert len(op.asked("/jwks")) == 2


def test_keys_anew_may_be_asked_for_after_a_while(op, demo, rp):
    rp(jwks_interval=-1)
    assert keys_anew(demo())
    assert keys_anew(demo())


@pytest.mark.parametrize("bad", [{"kty": "unknown"}, {"kty": "RSA"}, "text", None, 1])
def test_key_that_we_do_not_know_hides_no_other(op, demo, bad):
    good = op.keys[0].export_public(as_dict=True)
    op.answers["/jwks"] = Answer({"keys": [bad, good]})
    assert len(keys(demo())["keys"]) == 1


@pytest.mark.parametrize("body", [{}, {"keys": []}, {"keys": 1}, {"keys": [{"kty": "unknown"}]}])
def test_no_key_is_the_provider_s_failure(op, demo, body):
    op.answers["/jwks"] = Answer(body)
    with pytest.raises(ProviderUnavailable, match="no key"):
        keys(demo())
    op.answers.clear()
    assert keys(demo()).get_key("first")


def test_providers_do_not_share_what_is_cached(op, demo, rp):
    metadata(demo())
    rp({"issuer": op.url + "/other"})
    with pytest.raises(ProviderUnavailable):
        metadata(demo())
