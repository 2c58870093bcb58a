import pytest

from oidc_session.authentication_response import AuthenticationResponse, response_mode

RP = "https://rp.example/callback"


@pytest.mark.parametrize(
    ("location", "redirect_uri", "base", "parameters"),
    [
        (f"{RP}?code=1&state=a+b", RP, RP, (("code", "1"), ("state", "a b"))),
        (f"{RP}#code=1&state=%26", RP, RP, (("code", "1"), ("state", "&"))),
        (f"{RP}?page=1%202&code=1", f"{RP}?page=1%202", f"{RP}?page=1%202", (("code", "1"),)),
        (f"{RP}?page=1+2&code=1", f"{RP}?page=1%202", f"{RP}?page=1%202", (("code", "1"),)),
        (f"{RP}?page=1#code=1", f"{RP}?page=1", f"{RP}?page=1", (("code", "1"),)),
        (f"{RP}?code=1&state=", "", RP, (("code", "1"), ("state", ""))),
        ("my.app:/callback?code=1", "my.app:/callback", "my.app:/callback", (("code", "1"),)),
    ],
)
def test_parse_keeps_the_redirect_uri_apart(location, redirect_uri, base, parameters):
    assert AuthenticationResponse.parse(location, redirect_uri) == AuthenticationResponse(base, parameters)


@pytest.mark.parametrize(
    ("redirect_uri", "mode", "location"),
    [
        (RP, "query", f"{RP}?code=1"),
        (RP, "fragment", f"{RP}#code=1"),
        (f"{RP}?page=1%202", "query", f"{RP}?page=1%202&code=1"),
        (f"{RP}?page=1%202", "fragment", f"{RP}?page=1%202#code=1"),
    ],
)
def test_location_by_response_mode(redirect_uri, mode, location):
    assert AuthenticationResponse(redirect_uri, (("code", "1"),)).location(mode) == location


def test_including_adds_at_the_end_and_replaces():
    answer = AuthenticationResponse(RP, (("iss", "x"), ("code", "1"))).including({"iss": "y", "session_state": "x.y"})
    assert answer.parameters == (("code", "1"), ("iss", "y"), ("session_state", "x.y"))


@pytest.mark.parametrize(
    ("requested", "response_type", "mode"),
    [
        ("", "code", "query"),
        ("", "id_token", "fragment"),
        ("", "code id_token", "fragment"),
        ("query", "code", "query"),
        ("fragment", "code", "fragment"),
        ("form_post", "code", "form_post"),
        ("form_post", "code id_token token", "form_post"),
        ("jwt", "code", "query"),
        ("jwt", "token id_token", "fragment"),
    ],
)
def test_response_mode(requested, response_type, mode):
    assert response_mode(requested, response_type) == mode


@pytest.mark.parametrize("response_type", ["id_token", "token", "code id_token", "code token"])
def test_tokens_never_go_into_a_query(response_type):
    assert response_mode("query", response_type) == "fragment"
