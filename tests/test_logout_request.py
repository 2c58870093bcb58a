"""What of a logout request holds."""

import logging

import pytest
from oauth2_provider.exceptions import InvalidOIDCRedirectURIError

from oidc_session.logout_request import Answer, LogoutRequestForm, find_application, is_answer, with_state
from tests.logout import hint


def refuse(application, uri):
    raise InvalidOIDCRedirectURIError(uri)


def cleaned(request, validate_redirect_uri=lambda application, uri: None):
    form = LogoutRequestForm(request, validate_redirect_uri)
    assert form.is_valid()
    return form.cleaned_data


@pytest.mark.parametrize(
    ("uri", "state", "location"),
    [
        ("https://rp.example/", "", "https://rp.example/"),
        ("https://rp.example/", "a b", "https://rp.example/?state=a%20b"),
        ("https://rp.example/?", "a", "https://rp.example/?&state=a"),
        ("https://rp.example/?b=%2F", "a/&", "https://rp.example/?b=%2F&state=a%2F%26"),
    ],
)
def test_with_state(uri, state, location):
    assert with_state(uri, state) == location


def test_parameters_are_kept_to_the_byte(rf):
    assert cleaned(rf.get("/", {"state": " \0 "}))["state"] == " \0 "


def test_what_is_missing_is_empty(rf):
    data = cleaned(rf.post("/"))
    assert (data["state"], data["client_id"], data["allow"], data["hint"], data["application"]) == (
        "",
        "",
        Answer.STAY,
        None,
        None,
    )


def test_answer_comes_by_post_alone(rf):
    assert not cleaned(rf.post("/?allow=1"))["allow"]
    assert cleaned(rf.post("/", {"allow": "1"}))["allow"]


def test_answer_is_known_by_its_fields(rf):
    assert is_answer(rf.post("/", {"allow": "1"}))
    assert is_answer(rf.post("/", {"csrfmiddlewaretoken": "a"}))
    assert is_answer(rf.post("/", headers={"X-CSRFToken": "a"}))
    assert not is_answer(rf.post("/?allow=1", {"state": "allow"}))


@pytest.mark.django_db
def test_application_is_found_by_client_id_or_by_hint(application):
    assert find_application("sample rp", "", None) == application
    assert find_application("", hint(aud=["api", "sample rp"]), None) == application
    assert find_application("sample rp", hint(aud=["api", "sample rp"]), None) == application
    assert find_application("sample rp", hint(aud="api"), None) is None
    assert find_application("sample rp", "garbage", None) is None
    assert find_application("", "", None) is None


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\0", "\ud800"])
def test_name_that_no_database_takes_is_nobodys(name):
    assert find_application(name, "", None) is None
    assert find_application("", hint(aud=name), None) is None


@pytest.mark.django_db
def test_refusals_are_in_the_log_without_their_values(rf, application, caplog):
    caplog.set_level(logging.INFO)
    parameters = {"client_id": "sample rp", "post_logout_redirect_uri": "https://evil.example/"}
    assert cleaned(rf.get("/", parameters), refuse)["post_logout_redirect_uri"] == ""
    cleaned(rf.get("/", {"id_token_hint": "garbage"}))
    assert caplog.messages == [
        "post_logout_redirect_uri refused client_id=sample rp",
        "id_token_hint refused client_id=None",
    ]
