import json

import pytest

from tests.registration import ASKED, LOGGED_OUT, description, fields_of, metadata, post, put, register, registered
from tests.swappable import Application

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["redirect_uris", "post_logout_redirect_uris"])
@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JavaScript://rp.example/%0aalert(1)",
        "data:text/html,hello",
        "/relative",
        "rp.example",
        "",
        "https://",
        "https:/rp.example",
        "https://rp.example/#",
        "https://rp.example/#fragment",
        "https://*.rp.example/",
        "https://rp.example/ https://evil.example/",
        "https://rp.example/\u2028https://evil.example/",
        "https://rp.example/\n",
        "https://rp.example/\0",
        "https://rp.example/\ud800",
        "https://[rp.example/",
        "https://rp.example/" + "a" * 2048,
    ],
)
def test_uri_that_nobody_may_be_sent_to_is_refused(client, name, uri):
    description(register(client, **{name: [LOGGED_OUT, uri]}))
    assert not Application.objects.exists()


@pytest.mark.parametrize("name", ["redirect_uris", "post_logout_redirect_uris"])
def test_uris_are_at_most_a_hundred(client, name):
    uris = [f"https://rp.example/{number}" for number in range(101)]
    assert registered(client, **{name: uris[:100]})[name] == uris[:100]
    assert description(register(client, **{name: uris})) == f"{name} must have at most 100 values"


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("value", [5, 1.5, {}, {"a": "b"}, [1], [None], [["code"]], "\0", "\ud800", ["\0"]])
def test_value_of_another_type_is_refused(client, name, value):
    description(register(client, **{name: value}))
    assert not Application.objects.exists()


@pytest.mark.parametrize("name", ["client_id", "client_secret", "client_name"])
@pytest.mark.parametrize("value", [5, {}, ["text"], "\0", "\ud800"])
def test_value_of_another_type_changes_nothing(client, name, value):
    information = registered(client)
    before = fields_of(information)
    description(put(client, information, **{name: value}))
    assert fields_of(information) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"5",
        b"{",
        b"\xff\xfe",
        '{"client_name": "ü"}'.encode("latin-1"),
        json.dumps(metadata()).encode("utf-16"),
        b'{"a": ' + b"[" * 100_000,
        b'{"a": ' + b"1" * 5000 + b"}",
    ],
)
def test_body_that_is_no_json_object_is_refused(client, body):
    assert description(post(client, body)).startswith("the request must be")


@pytest.mark.parametrize("depth", range(900, 1000, 7))
def test_nested_members_are_ignored_at_any_depth(client, depth):
    body = json.dumps(metadata())[:-1] + ', "jwks": ' + "[" * depth + "]" * depth + "}"
    assert post(client, body).status_code in (201, 400)


@pytest.mark.parametrize("length", [256, 1_000_000])
def test_long_names_are_refused(client, length):
    response = register(client, client_name="n" * length)
    assert description(response)
    assert len(response.content) < 500


def test_body_beyond_djangos_limit_is_a_bad_request(client):
    assert register(client, client_name="n" * 3_000_000).status_code == 400
