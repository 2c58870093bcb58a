"""What a client of the sample provider sees with each fault, over HTTP."""

import csv
import hashlib
import hmac
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests
from jwcrypto import jwk
from jwcrypto.common import JWException, base64url_decode

from tests.faulty_provider import LIMIT, Client, decoded, hidden_fields, registered, running, signed_in
from tests.receivers import Answers, receiver
from tests.servers import ROOT
from tests.test_testproject import project

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NAMES = {"members", "staff"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def url(folder):
    with running(folder) as url:
        yield url


@pytest.fixture(scope="module")
def alice(url):
    return signed_in(url, "alice")


@pytest.fixture
def client(url, alice):
    """The sample application, which alice uses."""
    client = Client(url, alice)
    yield client
    client.clear()


@pytest.fixture
def second(url, alice):
    return Client(url, alice, "second-rp", "demo-secret-of-the-second-rp", "http://second.example/oidc/demo/callback/")


def claims_of(tokens):
    return decoded(tokens["id_token"])[1]


def told_groups(client, claim="groups"):
    """Return the groups that the ID token and userinfo agree on."""
    tokens = client.login()
    told = client.verified(tokens).get(claim)
    assert client.userinfo(tokens).json().get(claim) == told
    return told


# The switch


def test_without_a_fault_all_is_well(client):
    tokens = client.login()
    claims = client.verified(tokens)
    assert (set(claims["groups"]), claims["nonce"], claims["aud"]) == (NAMES, "a nonce", "sample-rp")
    assert client.userinfo(tokens).json()["sub"] == claims["sub"]
    refreshed = client.refresh(tokens).json()
    assert client.verified(refreshed)["sub"] == claims["sub"]
    assert refreshed["refresh_token"] != tokens["refresh_token"]


def test_switch_tells_of_every_profile_and_of_the_one_in_force(client, url):
    profiles = requests.get(f"{url}/faults/", timeout=LIMIT).json()
    assert profiles["huge-groups"] == "700 groups beside the person's own"
    client.switch("short-expiry", seconds=2)
    own = f"{url}/faults/sample-rp/"
    assert requests.get(own, timeout=LIMIT).json() == {"profile": "short-expiry", "seconds": 2}
    assert requests.delete(own, timeout=LIMIT).json() == {"profile": None, "seconds": None}


def test_documentation_has_the_table_of_profiles(url):
    page = (ROOT / "docs" / "howto" / "faults.md").read_text()
    rows = re.findall(r"^\| `(.+?)` \| (.+) \|$", page, re.MULTILINE)
    assert dict(rows) == requests.get(f"{url}/faults/", timeout=LIMIT).json()


def test_fault_of_one_client_is_not_the_others(client, second):
    client.switch("groups-missing")
    assert told_groups(client) is None
    assert set(told_groups(second)) == NAMES


def test_cleared_fault_is_gone(client):
    client.switch("groups-missing")
    client.clear()
    assert set(told_groups(client)) == NAMES


@pytest.mark.parametrize(
    ("client_id", "body", "status"),
    [
        ("sample-rp", {"profile": "no-such-fault"}, 400),
        ("sample-rp", {"profile": "short-expiry", "seconds": -1}, 400),
        ("sample-rp", ["huge-groups"], 400),
        ("no-such-client", {"profile": "huge-groups"}, 404),
    ],
)
def test_switch_refuses_what_it_does_not_know(url, client_id, body, status):
    assert requests.post(f"{url}/faults/{client_id}/", json=body, timeout=LIMIT).status_code == status


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_page_of_another_site_cannot_switch(client, url, content_type):
    """Those three are what a browser sends to other sites without asking them."""
    headers = {"Content-Type": content_type}
    answer = requests.post(f"{url}/faults/sample-rp/", b'{"profile": "huge-groups"}', headers=headers, timeout=LIMIT)
    assert answer.status_code == 415
    asked = requests.options(f"{url}/faults/sample-rp/", headers={"Origin": "https://evil.example"}, timeout=LIMIT)
    assert "Access-Control-Allow-Origin" not in asked.headers
    assert set(told_groups(client)) == NAMES


def test_name_that_somebody_else_points_at_this_machine_does_not_help(url):
    """DNS rebinding: the page's own origin then is this address."""
    answer = requests.get(f"{url}/faults/", headers={"Host": "evil.example"}, timeout=LIMIT)
    assert answer.status_code == 400


def test_person_switches_on_a_page(client, url):
    browser = client.browser
    page = browser.get(f"{url}/faults/", headers=HTML, timeout=LIMIT)
    form = {"csrfmiddlewaretoken": hidden_fields(page.text)["csrfmiddlewaretoken"], "client_id": "sample-rp"}
    page = browser.post(f"{url}/faults/", form | {"profile": "groups-missing"}, headers=HTML, timeout=LIMIT)
    assert "data-fault>groups-missing<" in page.text
    assert "<code>sample-rp</code>" in browser.get(f"{url}/", timeout=LIMIT).text
    assert told_groups(client) is None
    page = browser.post(f"{url}/faults/", form, headers=HTML, timeout=LIMIT)
    assert "data-fault" not in page.text
    assert set(told_groups(client)) == NAMES


def test_page_wants_its_own_form(url):
    form = {"client_id": "sample-rp", "profile": "groups-missing"}
    assert requests.post(f"{url}/faults/", form, timeout=LIMIT).status_code == 403


WITHOUT_DEBUG = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from testproject.op.faults.registry import NO_FAULT, PROFILES, profile_of
call_command("migrate", verbosity=0)
call_command("seed")
def switch():
    answer = Client(SERVER_NAME="localhost").post("/faults/sample-rp/", {"profile": "key-replaced"}, "application/json")
    return answer.status_code
with_debug, profile = switch(), profile_of("sample-rp")
settings.DEBUG = False
print(with_debug, profile is PROFILES["key-replaced"], switch(), profile_of("sample-rp") is NO_FAULT)
"""


def test_faults_are_of_the_test_project_alone():
    assert project("op", "-c", WITHOUT_DEBUG).split() == ["200", "True", "404", "True"]


def test_migrations_are_complete():
    project("op", "-m", "django", "makemigrations", "--check", "--dry-run")


@pytest.mark.parametrize("path", ["", "sample-rp/"])
def test_switch_is_not_there_for_another_machine(url, path):
    headers = {"X-Forwarded-For": "203.0.113.7, 127.0.0.1"}
    assert requests.get(f"{url}/faults/{path}", headers=headers, timeout=LIMIT).status_code == 404


# Groups


def test_huge_groups(client):
    client.switch("huge-groups")
    told = told_groups(client)
    assert len(told) == 702
    assert set(told) > NAMES


def test_groups_as_string(client):
    client.switch("groups-as-string")
    told = told_groups(client)
    assert told == 'members,staff,"Research, Development","The ""A"" team"'
    assert next(csv.reader([told])) == ["members", "staff", "Research, Development", 'The "A" team']


def test_groups_as_single_string(client):
    client.switch("groups-as-single-string")
    assert told_groups(client) == "staff"


def test_groups_under_another_claim(client):
    client.switch("groups-under-another-claim")
    assert set(told_groups(client, "roles")) == NAMES
    assert told_groups(client) is None


def test_groups_missing(client):
    client.switch("groups-missing")
    assert told_groups(client) is None


# Tokens and refresh


def test_short_expiry(client):
    client.switch("short-expiry", seconds=1)
    tokens = client.login()
    assert tokens["expires_in"] == 1
    assert answer_becomes(lambda: client.userinfo(tokens).status_code, 401)
    assert client.refresh(tokens).json()["expires_in"] == 1


def answer_becomes(ask, wanted):
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        if ask() == wanted:
            return True
        time.sleep(0.05)
    return False


def test_refresh_loses_group(client):
    client.switch("refresh-loses-group")
    tokens = client.login()
    assert set(claims_of(tokens)["groups"]) == set(client.userinfo(tokens).json()["groups"]) == NAMES
    refreshed = client.refresh(tokens).json()
    assert client.verified(refreshed)["groups"] == client.userinfo(refreshed).json()["groups"] == ["members"]


def test_refresh_does_not_rotate(client):
    client.switch("refresh-does-not-rotate")
    tokens = client.login()
    refreshed = client.refresh(tokens).json()
    assert refreshed["refresh_token"] == tokens["refresh_token"]
    assert refreshed["access_token"] != tokens["access_token"]
    assert client.refresh(refreshed).status_code == 200


def test_refresh_absent_at_login(client):
    client.switch("refresh-absent")
    assert "refresh_token" not in client.login()


def test_refresh_absent_after_a_refresh_keeps_the_old_one(client):
    tokens = client.login()
    client.switch("refresh-absent")
    refreshed = client.refresh(tokens).json()
    assert "refresh_token" not in refreshed
    assert client.userinfo(refreshed).status_code == 200
    assert client.refresh(tokens).status_code == 200


@pytest.mark.parametrize(
    ("profile", "status", "error"),
    [
        ("refresh-invalid-grant", 400, "invalid_grant"),
        ("refresh-invalid-client", 401, "invalid_client"),
        ("refresh-unauthorized-client", 400, "unauthorized_client"),
        ("refresh-unsupported-grant-type", 400, "unsupported_grant_type"),
    ],
)
def test_refresh_is_refused(client, profile, status, error):
    client.switch(profile)
    tokens = client.login()
    answer = client.refresh(tokens)
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    client.clear()
    assert client.refresh(tokens).status_code == 200


@pytest.mark.parametrize(("profile", "status"), [("refresh-500", 500), ("refresh-429", 429), ("refresh-not-json", 200)])
def test_refresh_fails_without_json(client, profile, status):
    client.switch(profile)
    tokens = client.login()
    answer = client.refresh(tokens)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert answer.headers.get("Retry-After") == ("2" if status == 429 else None)
    client.clear()
    assert client.refresh(tokens).status_code == 200


def test_refresh_fails_for_a_client_that_sends_its_secret_in_the_form(client):
    client.switch("refresh-500")
    tokens = client.login()
    form = {"client_id": client.client_id, "client_secret": client.secret, "grant_type": "refresh_token"}
    answer = requests.post(f"{client.url}/o/token/", form | {"refresh_token": tokens["refresh_token"]}, timeout=LIMIT)
    assert answer.status_code == 500


@pytest.mark.parametrize(
    ("profile", "ask"), [("refresh-time-out", Client.refresh), ("userinfo-time-out", Client.userinfo)]
)
def test_answer_is_held_until_the_client_goes(client, folder, profile, ask):
    tokens = client.login()
    client.switch(profile, seconds=3600)
    log = folder / "op.log"
    gone = "The client of a held answer has gone."
    before = log.read_text().count(gone)
    with pytest.raises(requests.ReadTimeout):
        ask(client, tokens, timeout=0.3)
    assert answer_becomes(lambda: log.read_text().count(gone), before + 1)
    client.clear()
    assert ask(client, tokens).status_code == 200


@pytest.mark.parametrize(
    ("profile", "ask"), [("refresh-time-out", Client.refresh), ("userinfo-time-out", Client.userinfo)]
)
def test_held_answer_is_a_failure_in_the_end(client, profile, ask):
    tokens = client.login()
    client.switch(profile, seconds=0.3)
    started = time.monotonic()
    assert ask(client, tokens).status_code == 504
    assert time.monotonic() - started >= 0.3


def test_refresh_slow_works_and_holds_up_nobody(client, second):
    tokens = client.login()
    client.switch("refresh-slow", seconds=3)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(client.refresh, tokens)
        assert second.refresh(second.login()).status_code == 200
        assert not slow.done()
        assert slow.result().status_code == 200


# Userinfo


@pytest.mark.parametrize(
    ("profile", "status", "error"),
    [("userinfo-denied", 403, "insufficient_scope"), ("userinfo-invalid-token", 401, "invalid_token")],
)
def test_userinfo_is_denied(client, profile, status, error):
    client.switch(profile)
    answer = client.userinfo(client.login())
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["WWW-Authenticate"] == f'Bearer error="{error}"'


def test_userinfo_another_sub(client):
    client.switch("userinfo-another-sub")
    tokens = client.login()
    assert client.userinfo(tokens).json()["sub"] == "somebody-else" != client.verified(tokens)["sub"]


def test_userinfo_other_groups(client):
    client.switch("userinfo-other-groups")
    tokens = client.login()
    assert client.userinfo(tokens).json()["groups"] == ["auditors"]
    assert set(client.verified(tokens)["groups"]) == NAMES


@pytest.mark.parametrize(("profile", "status"), [("userinfo-failing", 503), ("userinfo-not-json", 200)])
def test_userinfo_fails_without_json(client, profile, status):
    client.switch(profile)
    answer = client.userinfo(client.login())
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


# ID tokens


def test_id_token_missing(client):
    client.switch("id-token-missing")
    tokens = client.login()
    assert "id_token" not in tokens
    assert client.userinfo(tokens).status_code == 200
    assert "id_token" not in client.refresh(tokens).json()


@pytest.mark.parametrize(
    ("profile", "claim", "is_wrong"),
    [
        ("id-token-expired", "exp", lambda value: value < time.time() - 3000),
        ("id-token-from-the-future", "iat", lambda value: value > time.time() + 3000),
        ("id-token-another-issuer", "iss", lambda value: value == "https://another.example/o"),
        ("id-token-another-audience", "aud", lambda value: value == "another-client"),
        ("id-token-foreign-azp", "azp", lambda value: value == "another-client"),
        ("id-token-another-nonce", "nonce", lambda value: value == "another-nonce"),
        ("id-token-another-sub", "sub", lambda value: value == "somebody-else"),
    ],
)
def test_id_token_has_a_wrong_claim_and_a_good_signature(client, profile, claim, is_wrong):
    client.switch(profile)
    tokens = client.login()
    assert is_wrong(client.verified(tokens)[claim])
    assert is_wrong(client.verified(client.refresh(tokens).json()).get(claim, "another-nonce"))


@pytest.mark.parametrize(
    ("profile", "algorithm", "has_known_kid"),
    [
        ("id-token-wrongly-signed", "RS256", True),
        ("id-token-unknown-key", "RS256", False),
        ("id-token-unsigned", "none", False),
        ("id-token-signed-with-public-key", "HS256", True),
    ],
)
def test_id_token_has_right_claims_and_no_good_signature(client, profile, algorithm, has_known_kid):
    client.switch(profile)
    tokens = client.login()
    header, claims = decoded(tokens["id_token"])
    kids = {key["kid"] for key in client.published()["keys"]}
    assert (header["alg"], header.get("kid") in kids) == (algorithm, has_known_kid)
    assert (claims["aud"], claims["nonce"]) == ("sample-rp", "a nonce")
    with pytest.raises(JWException):
        client.verified(tokens)


def test_id_token_signed_with_public_key_deceives_who_trusts_its_header(client):
    client.switch("id-token-signed-with-public-key")
    signed, _, signature = client.login()["id_token"].rpartition(".")
    [key] = client.published()["keys"]
    secret = jwk.JWK(**key).export_to_pem()
    assert hmac.digest(secret, signed.encode(), hashlib.sha256) == base64url_decode(signature)


# Callback


@pytest.mark.parametrize(
    "error", ["access_denied", "login_required", "invalid_scope", "server_error", "temporarily_unavailable"]
)
def test_callback_gets_an_error(client, error):
    client.switch(f"callback-{error.replace('_', '-')}")
    answer = client.authorize()
    assert (answer["error"], answer["state"]) == (error, "a state")
    assert "code" not in answer


def test_callback_without_code(client):
    client.switch("callback-without-code")
    assert not {"code", "error"} & set(client.authorize())


@pytest.mark.parametrize(
    ("profile", "parameter", "value"),
    [
        ("callback-another-code", "code", "made-up"),
        ("callback-another-state", "state", "another-state"),
        ("callback-another-issuer", "iss", "https://another.example/o"),
    ],
)
def test_callback_has_a_wrong_parameter(client, profile, parameter, value):
    right = client.authorize()
    client.switch(profile)
    wrong = client.authorize()
    assert wrong[parameter] == value != right.get(parameter)
    assert set(wrong) == {*right, parameter}


def test_callback_fault_leaves_the_login_page_alone(client):
    client.switch("callback-server-error")
    nobody = replace(client, browser=requests.Session())
    asked = {"client_id": client.client_id, "redirect_uri": client.redirect_uri, "response_type": "code"}
    answer = nobody.browser.get(f"{client.url}/o/authorize/", params=asked, allow_redirects=False, timeout=LIMIT)
    assert answer.headers["Location"].startswith("/accounts/login/")


# Keys


def kids(client):
    return [key["kid"] for key in client.published()["keys"]]


def kid_of(tokens):
    return decoded(tokens["id_token"])[0]["kid"]


def test_key_rotated(client, second):
    before = client.login()
    [old] = kids(client)
    client.switch("key-rotated")
    after = client.login()
    assert kid_of(before) == old != kid_of(after)
    assert kids(client) == [old, kid_of(after)]
    assert client.verified(before)["sub"] == client.verified(after)["sub"]
    assert kid_of(second.login()) == old


def test_key_replaced(client):
    before = client.login()
    client.switch("key-replaced")
    after = client.login()
    assert kids(client) == [kid_of(after)] != [kid_of(before)]
    assert client.verified(after)["aud"] == "sample-rp"
    with pytest.raises(JWException):
        client.verified(before)


def test_hint_with_the_replaced_key_still_ends_the_session(client, url):
    browser = signed_in(url, "bob")
    person = replace(client, browser=browser)
    tokens = person.login()
    client.switch("key-replaced")
    asked = {"id_token_hint": tokens["id_token"]}
    browser.get(f"{url}/o/logout/", params=asked, allow_redirects=False, timeout=LIMIT)
    assert client.userinfo(tokens).status_code == 401


def test_logout_token_is_signed_with_the_new_key(url):
    with receiver(Answers(200)) as rp:
        client = registered(url, signed_in(url, "bob"), backchannel_logout_uri=rp.url)
        client.switch("key-replaced")
        tokens = client.login()
        asked = {"id_token_hint": tokens["id_token"]}
        client.browser.get(f"{url}/o/logout/", params=asked, allow_redirects=False, timeout=LIMIT)
        assert answer_becomes(lambda: len(rp.requests), 1)
        token = rp.requests[0].fields["logout_token"]
        assert client.verified({"id_token": token})["aud"] == client.client_id
        assert decoded(token)[0]["kid"] == kid_of(tokens)
    client.clear()
