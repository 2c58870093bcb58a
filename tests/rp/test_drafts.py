"""What a person typed is kept for that person, page and field, and for nobody else."""

import json
import time

import pytest

from oidc_session.rp.kept_drafts import drafts_of, opaque_person
from tests.rp.browser import Browser
from tests.rp.drafting import DRAFTS, ID, OTHER_ID, ask, person, read, save, send
from tests.rp.provider import Answer


@pytest.fixture(params=["database", "cache"], autouse=True)
def store(request, rp):
    rp(store=request.param)


def test_draft_comes_back_to_its_person(alice_s):
    answer = save(alice_s, " Dear\r\nall ")
    assert (answer.status_code, answer.json()) == (200, {"expired": False, "submitted": False})
    assert ask(alice_s).json()["drafts"] == {"draft": {"text": " Dear\r\nall ", "id": ID, "at": 5}}
    assert "no-store" in ask(alice_s)["Cache-Control"]


@pytest.mark.parametrize("place", [{"page": "/members/?a=1"}, {"field": "title"}])
def test_draft_is_of_one_page_and_field(alice_s, place):
    save(alice_s)
    assert read(alice_s, **place) == {}


def test_last_text_is_kept(alice_s):
    save(alice_s, "first")
    save(alice_s, "second", id=OTHER_ID)
    assert read(alice_s) == {"draft": "second"}


@pytest.mark.parametrize("text", ["", " \t\r\n\u00a0"])
def test_white_space_clears(alice_s, text):
    save(alice_s)
    assert save(alice_s, text).status_code == 200
    assert read(alice_s) == {}


def test_draft_survives_a_new_login_in_any_browser(alice_s, op):
    save(alice_s)
    alice_s.sign_in()
    assert read(alice_s) == {"draft": "Dear all"}
    elsewhere = Browser(op)
    elsewhere.sign_in()
    assert read(elsewhere) == {"draft": "Dear all"}


def test_draft_is_never_for_somebody_else(alice_s, op):
    save(alice_s)
    alice = person(alice_s)
    op.sub = "bob-sub"
    alice_s.sign_in()
    answer = ask(alice_s, id=ID)
    assert answer.json()["person"] != alice
    assert (answer.json()["drafts"], answer.json()["submitted"]) == ({}, [])
    assert b"Dear all" not in answer.content
    op.sub = "alice-sub"
    alice_s.sign_in()
    assert read(alice_s) == {"draft": "Dear all"}


def test_same_sub_at_another_issuer_is_somebody_else(alice_s, op):
    save(alice_s)
    alice = person(alice_s)
    claims = alice_s.session.id_claims | {"iss": "https://other.example"}

    other = alice_s.change(id_claims=claims)
    assert opaque_person(other) != alice
    assert drafts_of(other, "/members/", ["draft"]) == {}


def test_page_of_somebody_else_saves_nothing(alice_s, op):
    """Two tabs: in the one that was left open Alice types, in the other one Bob has signed in meanwhile."""
    alice = person(alice_s)
    op.sub = "bob-sub"
    alice_s.sign_in()
    answer = save(alice_s, "for Alice only", alice)
    assert (answer.status_code, answer.json()) == (409, {"error": "other_person"})
    assert read(alice_s) == {}


def test_person_is_named_opaquely(alice_s):
    assert len(person(alice_s)) == 32
    assert "alice" not in person(alice_s)


def test_expired_session_saves_and_shows_nothing(alice_s):
    """Who sits there now may be somebody else; what was typed is not lost."""
    alice = person(alice_s)
    alice_s.change(expired_at=time.time(), expired_by="refused")
    answer = save(alice_s, "typed too late", alice)
    assert (answer.status_code, answer.json()) == (200, {"expired": True, "submitted": False})
    answer = ask(alice_s)
    assert (answer.status_code, answer.json()) == (401, {"error": "session_expired"})
    alice_s.sign_in()
    assert read(alice_s) == {"draft": "typed too late"}


def test_provider_that_is_away_is_no_reason_to_sign_in_again(alice_s, op):
    alice = person(alice_s)
    op.answers["/token"] = Answer(status=503)
    alice_s.change(expires_at=time.time())
    assert save(alice_s, person_=alice).json() == {"expired": False, "submitted": False}
    answer = ask(alice_s)
    assert (answer.status_code, answer.json()) == (503, {"error": "provider_unavailable"})


def test_nobody_neither_saves_nor_reads(browser):
    for answer in (save(browser, person_="x"), ask(browser)):
        assert (answer.status_code, answer.json()) == (401, {"error": "login_required"})


def test_signed_out_person_neither_saves_nor_reads(alice_s):
    alice = person(alice_s)
    alice_s.post("/oidc/demo/logout/")
    assert save(alice_s, person_=alice).status_code == ask(alice_s).status_code == 401


def test_saving_needs_a_csrf_token_which_reading_gives(op, browser):
    strict = Browser(op, enforce_csrf_checks=True)
    strict.sign_in()
    alice = person(strict)
    assert save(strict, person_=alice).status_code == 403
    token = ask(strict).json()["csrf_token"]
    strict.sign_in()
    assert save(strict, person_=alice, csrfmiddlewaretoken=token).status_code == 403
    assert read(strict) == {}
    token = ask(strict).json()["csrf_token"]
    assert save(strict, person_=alice, csrfmiddlewaretoken=token).status_code == 200
    assert read(strict) == {"draft": "Dear all"}


@pytest.mark.parametrize(
    "changes",
    [
        {"page": ""},
        {"page": "members"},
        {"page": "https://evil.example/"},
        {"page": "/" + "x" * 2000},
        {"field": ""},
        {"field": "x" * 201},
        {"id": "x"},
        {"id": f"{ID}\n"},
        {"id": ID * 2},
        {"at": ""},
        {"at": "-1"},
        {"at": "1" * 17},
        {"text": "a\0b"},
        {"text": "a\0b" + "x" * 100},
    ],
)
def test_bad_input_is_an_error_and_loses_nothing(alice_s, rp, changes):
    save(alice_s)
    rp(draft_limit=100)
    answer = save(alice_s, **({"text": "new"} | changes))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_draft"})
    assert read(alice_s) == {"draft": "Dear all"}


def test_draft_that_is_too_long_is_an_error_and_loses_nothing(alice_s, rp):
    rp(draft_limit=8)
    assert save(alice_s, "Dear all").status_code == 200
    answer = save(alice_s, "Dear all!")
    assert (answer.status_code, answer.json()) == (413, {"error": "draft_too_long"})
    assert read(alice_s) == {"draft": "Dear all"}


@pytest.mark.parametrize(
    "query",
    [{"page": "https://evil.example/"}, {"field": [str(n) for n in range(51)]}, {"id": "x" * 201}],
)
def test_question_that_is_none_is_an_error(alice_s, query):
    answer = ask(alice_s, **query)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_draft"})


def test_form_that_was_accepted_takes_its_draft_away(alice_s):
    save(alice_s)
    assert send(alice_s, {"draft": ID}).content == b"accepted"
    answer = ask(alice_s, id=[ID, OTHER_ID]).json()
    assert (answer["drafts"], answer["submitted"]) == ({}, [ID])


def test_draft_on_its_way_while_its_form_is_accepted_is_gone_too(alice_s):
    send(alice_s, {"draft": ID})
    assert save(alice_s).json() == {"expired": False, "submitted": True}
    assert read(alice_s) == {}


def test_draft_that_went_on_in_another_tab_stays(alice_s):
    save(alice_s, id=OTHER_ID)
    send(alice_s, {"draft": ID})
    assert read(alice_s) == {"draft": "Dear all"}


def test_form_that_met_an_expired_session_keeps_its_draft(alice_s):
    save(alice_s)
    alice_s.change(expired_at=time.time(), expired_by="refused")
    assert send(alice_s, {"draft": ID}).status_code == 401
    alice_s.sign_in()
    assert read(alice_s) == {"draft": "Dear all"}


def test_somebody_else_s_form_takes_nothing_away(alice_s, op):
    save(alice_s)
    op.sub = "bob-sub"
    alice_s.sign_in()
    send(alice_s, {"draft": ID})
    op.sub = "alice-sub"
    alice_s.sign_in()
    assert ask(alice_s, id=ID).json()["drafts"] == {"draft": {"text": "Dear all", "id": ID, "at": 5}}


@pytest.mark.parametrize(
    "value", ["", "{", "[" * 100_000, "[]", "{}", '{"page": "/members/", "drafts": ["draft"]}']
    + [json.dumps({"page": page, "drafts": drafts}) for page, drafts in [
        ("/members/", {"draft": "x"}), ("/members/", {"draft": [ID]}), ("members", {"draft": ID}),
        ("/members/", dict.fromkeys(map(str, range(51)), ID))
    ]],
)  # fmt: skip
def test_form_with_bad_drafts_is_accepted_and_takes_none_away(alice_s, value):
    save(alice_s)
    assert alice_s.post("/accept/", {"oidc_draft": value}).content == b"accepted"
    assert read(alice_s) == {"draft": "Dear all"}


def test_form_without_javascript_is_accepted(alice_s):
    assert alice_s.post("/accept/", {"text": "Dear all"}).content == b"accepted"


def test_form_of_nobody_is_the_view_s_own_affair(browser):
    assert send(browser, {"draft": ID}, "/accept-anybody/").content == b"accepted"


def test_reading_is_no_use_and_typing_is(alice_s):
    alice = person(alice_s)
    used_at = alice_s.session.used_at - 1000
    alice_s.change(used_at=used_at)
    ask(alice_s)
    assert alice_s.session.used_at == used_at
    save(alice_s, person_=alice)
    assert alice_s.session.used_at > used_at


@pytest.mark.parametrize("name", ["unknown", "de mo"])
def test_unknown_provider_is_not_found(browser, name):
    assert browser.get(f"/oidc/{name}/drafts/").status_code == 404


def test_other_methods_are_refused(browser):
    assert browser.put(DRAFTS).status_code == 405


def test_text_is_in_no_log(alice_s, caplog):
    caplog.set_level(0)
    save(alice_s, "secret words")
    ask(alice_s)
    assert "secret words" not in caplog.text
