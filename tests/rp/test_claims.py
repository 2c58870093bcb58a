"""Groups in every shape, and userinfo from a real HTTP server."""

import pytest

from oidc_session.rp.claims import claims_of, groups_of
from oidc_session.rp.conf import Provider
from tests.rp.provider import CONFIGURATION, Answer

DEMO = Provider("demo", "https://op.example", "rp")


@pytest.mark.parametrize(
    ("written", "groups"),
    [
        (["staff", "board"], ["staff", "board"]),
        (["staff", "staff", "", " ", 1, None, ["x"]], ["staff"]),
        (["a,b"], ["a,b"]),
        ([], []),
        ("staff", ["staff"]),
        ("staff,board", ["staff", "board", "staff,board"]),
        ("staff, board ,", ["staff", "board", "staff, board ,"]),
        ('"Sales, EU",board', ["Sales, EU", "board", '"Sales, EU",board']),
        ('"say ""hi""",b', ['say "hi"', "b", '"say ""hi""",b']),
        ('"open,b', ['"open,b']),
        ("a\nb", ["a\nb"]),
        ("", []),
        (" ", []),
        (None, []),
        ({"staff": True}, []),
        (7, []),
        (True, []),
    ],
)
def test_groups_are_read_in_every_shape(written, groups):
    assert groups_of(DEMO, {"groups": written}) == groups


def test_groups_may_be_absent_or_under_another_name():
    assert groups_of(DEMO, {}) == []
    assert groups_of(Provider("demo", "https://op.example", "rp", groups_claim="roles"), {"roles": ["x"]}) == ["x"]


def test_groups_of_a_login_are_those_of_the_claim(browser, op, rp):
    rp({"groups_claim": "roles"})
    op.claims = {"roles": "staff,board", "groups": ["other"]}
    browser.sign_in()
    assert browser.status()["groups"] == ["staff", "board", "staff,board"]


# Userinfo


def test_userinfo_is_not_asked_if_off(alice_s, op):
    assert not op.asked("/userinfo")


@pytest.mark.parametrize("userinfo", ["optional", "required"])
def test_userinfo_wins_over_the_id_token(browser, op, rp, userinfo):
    rp({"userinfo": userinfo})
    op.claims = {"groups": ["id"], "name": "Id", "email": "a@example.org"}
    op.userinfo = {"groups": ["userinfo"], "name": "Userinfo"}
    browser.sign_in()
    claims = browser.session.claims
    assert (claims["groups"], claims["name"], claims["email"]) == (["userinfo"], "Userinfo", "a@example.org")
    [request] = op.asked("/userinfo")
    assert request.headers["Authorization"] == f"Bearer {browser.session.access_token}"


def test_userinfo_can_t_say_what_the_id_token_alone_says(browser, op, rp):
    rp({"userinfo": "required"})
    op.claims = {"sid": "own"}
    op.userinfo = {"iss": "https://evil.example", "sid": "other", "aud": "x", "exp": 1}
    browser.sign_in()
    assert browser.session.claims["sid"] == "own"
    assert browser.session.claims["iss"] == op.url
    assert "exp" in browser.session.claims


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer({"error": "invalid_token"}, 401), 403),
        (Answer({}, 403), 403),
        (Answer("", 403), 403),
        (Answer({"sub": "mallory-sub", "groups": ["staff"]}), 403),
        (Answer({"groups": ["staff"]}), 403),
        (Answer({}, 500), 503),
        (Answer("nonsense"), 503),
    ],
)
def test_userinfo_that_is_not_to_be_had(browser, op, rp, caplog, answer, status):
    op.answers["/userinfo"] = answer
    rp({"userinfo": "required"})
    assert browser.come_back(browser.begin()).status_code == status
    assert browser.status()["state"] == "anonymous"
    rp({"userinfo": "optional"})
    browser.sign_in()
    assert browser.status()["groups"] == []
    assert "Userinfo not had provider=demo" in caplog.text


def test_userinfo_without_an_endpoint(browser, op, rp):
    rp({"userinfo": "required"})
    op.answers[CONFIGURATION] = Answer(op.metadata | {"userinfo_endpoint": None})
    assert browser.come_back(browser.begin()).status_code == 503


# A project's own mapping


def roles_as_groups(claims, provider):
    claims["groups"] = [f"{provider}:{role}" for role in claims.pop("realm", {}).get("roles", [])]
    return claims | {"sub": "mallory-sub"}


def test_project_maps_the_claims_and_can_t_change_who_it_is(browser, op, rp):
    rp({"map_claims": "tests.rp.test_claims.roles_as_groups"})
    op.claims = {"realm": {"roles": ["staff"]}}
    browser.sign_in()
    status = browser.status()
    assert (status["sub"], status["groups"]) == ("alice-sub", ["demo:staff"])
    assert browser.session.id_claims["realm"]


def test_claims_of_the_id_token_are_not_changed_in_place():
    id_claims = {"sub": "alice-sub", "realm": {"roles": ["x"]}}
    provider = Provider("demo", "https://op.example", "rp", map_claims="tests.rp.test_claims.roles_as_groups")
    assert claims_of(provider, id_claims, "")["groups"] == ["demo:x"]
    assert "realm" in id_claims
