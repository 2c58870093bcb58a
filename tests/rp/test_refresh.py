"""The table of outcomes, row by row, with a real HTTP server on the other side."""

import logging
import time
from dataclasses import replace

import pytest
from django.core.cache import cache

from oidc_session.rp import refresh as refresh_module
from oidc_session.rp.lease import seconds_of_a_lease
from oidc_session.rp.refresh import Outcome, refresh
from oidc_session.rp.stores import store
from tests.rp.provider import CONFIGURATION, Answer, new_key

TOKEN = "/token"


@pytest.fixture(params=["database", "cache"])
def alice(request, browser, rp):
    """Alice's browser, with both stores."""
    rp(store=request.param)
    browser.sign_in()
    return browser


@pytest.fixture
def cached(browser, rp):
    """Alice's browser, with a store that the provider's thread can change, too."""
    rp(store="cache")
    browser.sign_in()
    return browser


def nearly_late(browser):
    """Let the access token's time be over soon."""
    return browser.change(expires_at=time.time() + 50, refreshed_at=time.time() - 250)


def late(browser, **changes):
    """Let the access token's time be over."""
    return browser.change(expires_at=time.time() - 1, **changes)


def refreshes(op):
    return [request for request in op.asked(TOKEN) if request.form["grant_type"] == "refresh_token"]


def errors(caplog):
    return [r for r in caplog.records if r.name.startswith("oidc_session") and r.levelno >= logging.ERROR]


# New tokens


def test_new_tokens_keep_the_session_active(alice, op):
    before = late(alice)
    op.claims = {"groups": ["new"]}
    assert alice.page("/members/").content == b"alice-sub"
    after = alice.session
    assert after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token
    assert after.id_token != before.id_token
    assert after.expires_at > time.time() + 200
    assert alice.status()["groups"] == ["new"]
    [request] = refreshes(op)
    assert request.form["refresh_token"] == before.refresh_token
    assert request.basic == ("rp", "only-tests")


def test_post_refreshes_and_answers_with_the_status(alice, op):
    answer = alice.refresh()
    assert answer.status_code == 200
    assert answer.json() == alice.status()
    assert "no-store" in answer["Cache-Control"]
    assert len(refreshes(op)) == 1


@pytest.mark.parametrize("path", ["/call-refresh/", "/acall-refresh/"])
def test_application_may_refresh(alice, op, path):
    late(alice)
    assert alice.get(path).content == b"refreshed"
    assert len(refreshes(op)) == 1


def test_post_needs_its_csrf_token(alice, op):
    alice.handler.enforce_csrf_checks = True
    assert alice.refresh().status_code == 403
    assert not refreshes(op)
    token = alice.cookies["csrftoken"].value
    assert alice.post("/oidc/demo/refresh/", headers={"X-CSRFToken": token}).status_code == 200
    assert alice.get("/oidc/demo/refresh/").status_code == 405


def test_post_of_nobody(browser):
    answer = browser.refresh()
    assert (answer.status_code, answer.json()) == (401, {"error": "login_required"})


def test_refresh_token_that_is_not_rotated_is_kept(alice, op):
    before = alice.session
    op.issue_refresh_token = False
    assert alice.refresh().status_code == 200
    assert alice.session.refresh_token == before.refresh_token


def test_answer_without_an_id_token_is_accepted_unless_one_is_wanted(alice, op, rp):
    before = alice.session
    op.answers[TOKEN] = Answer({"access_token": "a", "token_type": "Bearer", "expires_in": 60})
    assert alice.refresh().status_code == 200
    assert (alice.session.id_token, alice.session.id_claims) == (before.id_token, before.id_claims)
    rp({"refresh_needs_id_token": True})
    assert alice.refresh().status_code == 400


def test_access_token_without_a_lifetime_is_refreshed_at_the_next_use(alice, op):
    late(alice, id_claims=alice.session.id_claims | {"exp": 1})
    op.answers[TOKEN] = Answer({"access_token": "a", "token_type": "Bearer"})
    assert alice.refresh().status_code == 200
    assert alice.session.expires_at <= time.time()


# Ahead of expiry


def test_session_in_use_is_refreshed_ahead_of_its_expiry(alice, op):
    nearly_late(alice)
    alice.page("/members/")
    assert len(refreshes(op)) == 1
    alice.page("/members/")
    assert len(refreshes(op)) == 1


def test_short_access_token_is_not_refreshed_with_every_request(browser, op):
    op.expires_in = 40
    browser.sign_in()
    browser.page("/members/")
    assert not refreshes(op)


def test_without_a_refresh_token_nothing_is_tried_ahead(browser, op):
    op.issue_refresh_token = False
    browser.sign_in()
    browser.change(expires_at=time.time() + 5)
    assert browser.status()["state"] == "active"


def test_failure_ahead_of_expiry_is_not_noticed(alice, op):
    nearly_late(alice)
    op.answers[TOKEN] = Answer({}, 500)
    assert alice.page("/members/").content == b"alice-sub"
    assert alice.status()["state"] == "active"
    assert len(refreshes(op)) == 1


def test_nobody_waits_for_a_refresh_ahead_of_expiry(alice, op):
    nearly_late(alice)
    assert store().lease(alice.key, "somebody", 60)
    assert alice.page("/members/").content == b"alice-sub"
    assert not refreshes(op)


# invalid_grant


def test_invalid_grant_expires_the_session_and_keeps_what_a_login_needs(alice, op):
    before = late(alice)
    op.refresh_tokens.clear()
    answer = alice.refresh()
    assert (answer.status_code, answer.json()) == (401, {"error": "session_expired"})
    after = alice.session
    assert (after.expired_by, after.id_token, after.sub) == ("refused", before.id_token, "alice-sub")
    assert (after.access_token, after.refresh_token) == ("", "")
    assert alice.status()["state"] == "expired"
    assert alice.page("/members/").status_code == 302
    assert alice.script("/members/").json() == {"error": "session_expired"}
    assert alice.refresh().json() == {"error": "session_expired"}
    assert len(refreshes(op)) == 1


def refuse_after(change):
    """Return an answer of the token endpoint before which somebody else changes the session."""

    def refuse(request):
        change()
        return Answer({"error": "invalid_grant"}, 400)

    return refuse


def test_invalid_grant_after_somebody_else_has_refreshed_takes_their_result(cached, op):
    late(cached)
    theirs = {"access_token": "theirs", "refresh_token": "theirs", "expires_at": time.time() + 300}
    op.answers[TOKEN] = refuse_after(lambda: cached.change(**theirs, attempts=1, outcome="refreshed"))
    assert cached.page("/members/").content == b"alice-sub"
    assert cached.session.access_token == "theirs"


def test_invalid_grant_of_two_expires_the_session_for_both(cached, op):
    late(cached)
    theirs = {"refresh_token": "", "expired_at": time.time(), "expired_by": "refused"}
    op.answers[TOKEN] = refuse_after(lambda: cached.change(**theirs, attempts=1, outcome="session_expired"))
    assert cached.refresh().json() == {"error": "session_expired"}


def test_invalid_grant_while_somebody_else_is_at_it_expires_nothing(cached, op):
    late(cached)
    op.answers[TOKEN] = refuse_after(lambda: cached.change(refresh_token="theirs"))
    assert cached.refresh().json() == {"error": "provider_unavailable"}
    assert (cached.session.refresh_token, cached.session.expired_at) == ("theirs", 0)


def test_invalid_grant_after_a_logout(cached, op):
    late(cached)

    def refuse(request):
        store().remove(cached.key)
        return Answer({"error": "invalid_grant"}, 400)

    op.answers[TOKEN] = refuse
    answer = cached.refresh()
    assert (answer.status_code, answer.json()) == (401, {"error": "signed_out"})
    assert cached.status()["state"] == "anonymous"


# No refresh token


def test_no_refresh_token_expires_the_session(alice, op):
    late(alice, refresh_token="")
    assert alice.script("/members/").json() == {"error": "session_expired"}
    assert alice.session.expired_by == "no_refresh_token"
    assert not refreshes(op)


# The client is refused


@pytest.mark.parametrize(
    ("error", "status"),
    [("invalid_client", 401), ("unauthorized_client", 400), ("unsupported_grant_type", 400), ("invalid_scope", 400)],
)
def test_refused_client_expires_the_session_with_an_error_page(alice, op, caplog, error, status):
    late(alice)
    op.answers[TOKEN] = Answer({"error": error}, status)
    page = alice.page("/members/")
    assert page.status_code == 400
    assert "provider refuses this site" in page.content.decode()
    assert alice.session.expired_by == "configuration"
    assert [record.getMessage() for record in errors(caplog)] == [f"Refresh refused provider=demo error={error}"]
    assert alice.refresh().json() == {"error": "provider_refuses_application"}
    assert len(refreshes(op)) == 1


# For the moment


MOMENTARY = {
    "500": Answer({"error": "invalid_grant"}, 500),
    "502": Answer("<html>", 502),
    "429": Answer({"error": "invalid_client"}, 429),
    "html": Answer("<html>"),
    "html 400": Answer("<html>", 400),
    "list": Answer("[]"),
    "no token": Answer({}),
    "temporarily_unavailable": Answer({"error": "temporarily_unavailable"}, 400),
    "broken": Answer({}, headers={"Content-Length": "1000"}),
    "time-out": Answer({}, wait=lambda handler: handler.rfile.read(1)),
}


@pytest.mark.parametrize("failure", MOMENTARY.values(), ids=list(MOMENTARY))
def test_momentary_failure_signs_nobody_out(browser, op, rp, failure):
    browser.sign_in()
    rp(read_timeout=0.2)
    before = browser.session
    op.answers[TOKEN] = failure
    answer = browser.refresh()
    assert (answer.status_code, answer.json()) == (503, {"error": "provider_unavailable"})
    assert browser.status()["state"] == "active"
    assert browser.page("/members/").content == b"alice-sub"
    after = browser.session
    assert (after.access_token, after.refresh_token) == (before.access_token, before.refresh_token)


def test_after_the_access_token_the_session_is_expired_and_comes_back(alice, op):
    late(alice)
    op.answers[TOKEN] = Answer({}, 500)
    assert alice.status()["state"] == "expired"
    assert alice.script("/members/").json() == {"error": "provider_unavailable"}
    page = alice.page("/members/")
    assert page.status_code == 503
    assert "/oidc/demo/login/" not in page.content.decode()
    assert alice.get("/tokens/").json() == {}
    assert len(refreshes(op)) == 1  # It waits a while before it tries again.
    op.answers.clear()
    alice.change(retry_at=0)
    assert alice.page("/members/").content == b"alice-sub"
    assert (alice.session.failures, alice.session.retry_at) == (0, 0)


def test_asking_for_it_does_not_wait(alice, op):
    late(alice)
    op.answers[TOKEN] = Answer({}, 500)
    assert alice.refresh().status_code == 503
    op.answers.clear()
    assert alice.refresh().status_code == 200


def test_back_off_grows_to_a_minute(alice, op):
    op.answers[TOKEN] = Answer({}, 500)
    for wait in [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]:
        began = time.time()
        alice.refresh()
        assert began + wait <= alice.session.retry_at <= time.time() + wait


def test_provider_says_when_to_come_back(alice, op):
    op.answers[TOKEN] = Answer({}, 503, {"Retry-After": "40"})
    alice.refresh()
    assert 35 < alice.session.retry_at - time.time() <= 40


def test_metadata_that_are_not_to_be_had_are_such_a_failure(cached, op):
    cache_keeps_sessions = cached.session is not None
    assert cache_keeps_sessions
    op.answers["/.well-known/openid-configuration"] = Answer("", 500)
    for key in [key for key in cache._cache if "metadata" in key]:
        cache._cache.pop(key)
        cache._expire_info.pop(key)
    assert cached.refresh().status_code == 503


# The ID token


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "mallory-sub"},
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"auth_time": 1},
        {"exp": 1},
        {"nonce": "other"},
        {"at_hash": "wrong"},
    ],
    ids=str,
)
def test_id_token_that_does_not_go_on_ends_the_session(alice, op, caplog, claims):
    late(alice)
    op.claims = claims
    page = alice.page("/members/")
    assert page.status_code == 400
    assert "Your session has ended" in page.content.decode()
    assert alice.session is None
    assert alice.status()["state"] == "anonymous"
    assert len(errors(caplog)) == 1
    assert "mallory" not in caplog.text


def test_post_says_that_the_session_has_ended(alice, op):
    op.claims = {"sub": "mallory-sub"}
    answer = alice.refresh()
    assert (answer.status_code, answer.json()) == (400, {"error": "session_ended"})


def test_id_token_of_a_foreign_key_ends_the_session(alice, op):
    late(alice)
    good = op.keys
    op.keys = [new_key("foreign")]
    op.answers["/jwks"] = Answer({"keys": [key.export_public(as_dict=True) for key in good]})
    assert alice.page("/members/").status_code == 400
    assert alice.session is None


def test_rotated_key_is_no_reason_to_end_it(alice, op):
    op.rotate_key()
    assert alice.refresh().status_code == 200


def test_keys_that_are_not_to_be_had_lose_no_refresh_token(cached, op):
    before = late(cached)
    op.rotate_key()
    op.answers["/jwks"] = Answer({}, 500)
    assert cached.refresh().status_code == 503
    after = cached.session
    assert after.refresh_token != before.refresh_token
    assert (after.access_token, after.claims_stale) == (before.access_token, True)
    op.answers.clear()
    cache_forgets_that_we_asked = [key for key in cache._cache if "jwks-asked" in key]
    for key in cache_forgets_that_we_asked:
        cache._cache.pop(key)
        cache._expire_info.pop(key)
    assert cached.refresh().status_code == 200
    assert not cached.session.claims_stale


# Groups and userinfo


def test_group_that_was_lost_is_lost(browser, op):
    op.claims = {"groups": ["staff"]}
    browser.sign_in()
    assert browser.page("/staff/").status_code == 200
    op.claims = {}
    browser.refresh()
    assert browser.page("/staff/").status_code == 403
    assert browser.page("/members/").status_code == 200


def test_group_that_userinfo_no_longer_has_is_lost(browser, op, rp):
    rp({"userinfo": "required"})
    op.userinfo = {"groups": ["staff"]}
    browser.sign_in()
    op.userinfo = {}
    browser.refresh()
    assert browser.status()["groups"] == []


@pytest.mark.parametrize("answer", [Answer({}, 401), Answer({}, 403), Answer({"sub": "mallory-sub"})])
def test_userinfo_that_refuses_restricts_the_session(alice, op, rp, answer):
    rp({"userinfo": "required"})
    late(alice)
    op.answers["/userinfo"] = answer
    refused = alice.refresh()
    assert (refused.status_code, refused.json()) == (403, {"error": "access_denied"})
    assert (alice.page("/members/").status_code, alice.page("/staff/").status_code) == (403, 403)
    assert alice.script("/members/").json() == {"error": "access_denied"}
    op.answers.clear()
    assert alice.refresh().status_code == 200
    assert alice.page("/members/").status_code == 200


def test_userinfo_that_fails_for_a_moment_leaves_stale_claims(alice, op, rp):
    rp({"userinfo": "required"})
    before = alice.session
    op.answers["/userinfo"] = Answer({}, 500)
    assert alice.refresh().status_code == 503
    after = alice.session
    assert (after.claims_stale, after.access_token, after.claims) == (True, before.access_token, before.claims)
    assert after.refresh_token != before.refresh_token
    assert alice.status()["state"] == "active"
    op.answers.clear()
    assert alice.refresh().status_code == 200
    assert not alice.session.claims_stale


# One at a time


def test_logout_during_a_refresh_wins(cached, op):
    late(cached)
    usual = op.token_answer

    def answer(request):
        store().remove(cached.key)
        return usual(request)

    op.answers[TOKEN] = answer
    assert cached.page("/members/").status_code == 302
    assert cached.session is None


def test_logout_while_userinfo_is_asked_wins(cached, op, rp):
    rp({"userinfo": "required"})
    late(cached)

    def answer(request):
        store().remove(cached.key)
        return Answer({"sub": "alice-sub"})

    op.answers["/userinfo"] = answer
    assert cached.page("/members/").status_code == 302
    assert cached.session is None


def test_result_of_who_was_faster_is_taken(alice, op):
    stale = late(alice)
    assert refresh(stale)
    assert refresh(stale).session.access_token == alice.session.access_token
    assert len(refreshes(op)) == 1


def test_failure_of_who_was_faster_is_taken(alice, op):
    stale = late(alice)
    op.answers[TOKEN] = Answer({}, 500)
    assert refresh(stale).outcome == refresh(stale).outcome == Outcome.UNAVAILABLE
    assert len(refreshes(op)) == 1


def test_who_waits_gets_the_result(rp, browser, op, monkeypatch):
    """The other refreshes while we look whether it has: in one thread, so that nothing depends on chance."""
    rp(store="cache")
    browser.sign_in()
    stale = late(browser)
    assert store().lease(browser.key, "the other", 60)
    looks = []

    def other_goes_on(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            current = browser.session
            done = replace(current, attempts=current.attempts + 1, outcome="refreshed", access_token="theirs")
            store().replace(replace(done, expires_at=time.time() + 60))

    monkeypatch.setattr(refresh_module.time, "sleep", other_goes_on)
    assert refresh(stale).session.access_token == "theirs"
    assert len(looks) == 3
    assert not refreshes(op)


def test_who_waits_takes_over_from_who_died(browser, op, rp, monkeypatch):
    rp(store="cache")
    browser.sign_in()
    stale = late(browser)
    assert store().lease(browser.key, "dead", 60)
    monkeypatch.setattr(refresh_module.time, "sleep", lambda seconds: store().release(browser.key, "dead"))
    assert refresh(stale)
    assert len(refreshes(op)) == 1


def test_who_waits_does_not_wait_for_ever(browser, rp, op, monkeypatch):
    rp(store="cache")
    browser.sign_in()
    stale = late(browser)
    assert store().lease(browser.key, "dead", 600)
    monkeypatch.setattr(refresh_module, "_patience", lambda: 0.1)
    assert refresh(stale).outcome == Outcome.UNAVAILABLE


@pytest.mark.parametrize(("connect", "read"), [(3.0, 10.0), (0.1, 0.1), (5.0, 60.0)])
def test_lease_is_longer_than_a_call_can_take(rp, connect, read):
    rp(connect_timeout=connect, read_timeout=read)
    assert seconds_of_a_lease() > connect + 2 * read


def test_lease_is_shorter_than_what_servers_give_a_request(rp):
    assert seconds_of_a_lease() < 30


def test_lease_is_prolonged_before_each_call(cached, op, rp):
    """Each call to the provider finds a whole lease, and leaves little of it."""
    rp({"userinfo": "required"})
    late(cached)
    for key in [key for key in cache._cache if "metadata" in key]:
        cache.delete(key.removeprefix(":1:"))
    op.rotate_key()
    lease, remaining = f"oidc_rp:lease:{cached.key}", {}

    def look(request):
        remaining[request.path] = cache._expire_info[cache.make_key(lease)] - time.time()
        cache.touch(lease, 1)
        return op.usual_answer(request)

    for path in (CONFIGURATION, TOKEN, "/jwks", "/userinfo"):
        op.answers[path] = look
    assert cached.refresh().status_code == 200
    assert list(remaining) == [CONFIGURATION, TOKEN, "/jwks", "/userinfo"]
    assert min(remaining.values()) > seconds_of_a_lease() - 1
    assert lease not in cache


def test_calls_that_are_no_refresh_hold_no_lease(cached, op):
    cached.refresh()
    asked = len(op.requests)
    cached.sign_in()
    assert len(op.requests) > asked
    assert not [key for key in cache._cache if "lease" in key]


def test_lease_is_given_back_after_a_failure(alice, op, monkeypatch):
    stale = late(alice)

    def fail(*args):
        raise LookupError

    monkeypatch.setattr(refresh_module.token_endpoint, "refresh", fail)
    with pytest.raises(LookupError):
        refresh(stale)
    assert store().lease(alice.key, "another", 10)


def test_who_lost_the_lease_writes_over_nobody(cached, op):
    """A refresh that took longer than its lease finds another version, and takes what it finds."""
    late(cached)

    def answer(request):
        current = cached.session
        done = replace(current, attempts=current.attempts + 1, outcome="refreshed", expires_at=time.time() + 60)
        store().replace(replace(done, access_token="theirs"))
        return Answer({}, 500)

    op.answers[TOKEN] = answer
    assert cached.page("/members/").content == b"alice-sub"
    assert cached.session.access_token == "theirs"


def test_who_lost_the_lease_to_somebody_still_at_it_writes_nothing(cached, op):
    late(cached)

    def answer(request):
        store().replace(replace(cached.session, refresh_token="theirs"))
        return Answer({}, 500)

    op.answers[TOKEN] = answer
    assert cached.script("/members/").status_code == 503
    assert (cached.session.refresh_token, cached.session.failures) == ("theirs", 0)


def test_refresh_of_a_session_that_is_gone(alice):
    stale = alice.session
    store().remove(alice.key)
    assert refresh(stale).outcome == Outcome.GONE


def test_tokens_are_in_no_log(alice, op, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = [alice.session.refresh_token, alice.session.access_token, alice.session.id_token]
    late(alice)
    alice.refresh()
    op.refresh_tokens.clear()
    alice.refresh()
    ours = "".join(r.getMessage() for r in caplog.records if r.name.startswith("oidc_session"))
    assert "reason=refused" in ours
    assert not any(secret in ours for secret in secrets)
