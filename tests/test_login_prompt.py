from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.utils import timezone

from oidc_session.models import OPSession
from tests.oidc import authorize, query_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def age(seconds):
    OPSession.objects.update(auth_time=timezone.now() - timedelta(seconds=seconds))


def way_back(response):
    """Return where the login page leads."""
    assert urlsplit(response["Location"]).path == "/accounts/login/"
    return parse_qs(urlsplit(response["Location"]).query)["next"][0]


def log_in(client):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})


BOTH = {"prompt": "login", "max_age": "0"}


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "60"}, {"max_age": "0"}, BOTH])
def test_new_login_is_asked_for_and_counts(signed_in, application, changes):
    age(100)
    back = way_back(authorize(signed_in, **changes))
    log_in(signed_in)
    assert query_of(signed_in.get(back))["code"]


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "60"}, BOTH])
def test_login_that_is_skipped_does_not_count(signed_in, application, changes):
    age(100)
    back = way_back(authorize(signed_in, **changes))
    answer = query_of(signed_in.get(back))
    assert answer["error"] == "login_required"
    assert answer["state"] == "a state"
    assert "session_state" in answer


def test_login_a_moment_ago_is_not_new_enough_for_prompt_login(signed_in, application):
    log_in(signed_in)
    back = way_back(authorize(signed_in, prompt="login"))
    assert query_of(signed_in.get(back))["error"] == "login_required"


def test_mark_is_of_one_max_age(signed_in, application):
    back = way_back(authorize(signed_in, max_age="0"))
    log_in(signed_in)
    age(100)
    assert "login_after" in way_back(signed_in.get(back.replace("max_age=0", "max_age=60")))


def test_other_prompts_and_repeated_parameters_come_back(signed_in, application):
    resources = ["https://one.example/", "https://two.example/"]
    back = way_back(authorize(signed_in, prompt="login consent", resource=resources))
    query = parse_qs(urlsplit(back).query)
    assert query["prompt"] == ["consent"]
    assert query["resource"] == resources


def test_login_page_of_another_host_leads_back_here(signed_in, application, settings):
    settings.LOGIN_URL = "https://login.example/"
    response = authorize(signed_in, prompt="login")
    back = parse_qs(urlsplit(response["Location"]).query)["next"][0]
    assert response["Location"].startswith("https://login.example/?next=")
    assert back.startswith("http://testserver/o/authorize/?")


def test_signed_out_person_logs_in_once(client, alice, application):
    back = way_back(authorize(client, prompt="login"))
    log_in(client)
    assert query_of(client.get(back))["code"]


def test_invalid_request_is_refused_when_it_comes_back(signed_in, application):
    back = way_back(authorize(signed_in, prompt="login"))
    assert query_of(signed_in.get(back.replace("scope=openid", "scope=openid+unknown")))["error"] == "invalid_scope"


@pytest.mark.parametrize("mark", ["forged", signing.dumps(0, salt="another")], ids=["forged", "of another salt"])
def test_forged_mark_is_none(signed_in, application, mark):
    assert "login_after" in way_back(authorize(signed_in, prompt="login", login_after=mark))


def test_mark_of_another_request_is_none(signed_in, application):
    back = way_back(authorize(signed_in, prompt="login"))
    mark = parse_qs(urlsplit(back).query)["login_after"][0]
    log_in(signed_in)
    assert "login_after" in way_back(authorize(signed_in, prompt="login", state="another", login_after=mark))


@pytest.mark.parametrize("max_age", ["3600", "", "-1", "soon", "²", "9" * 5000])
def test_young_login_and_senseless_max_age_ask_for_nothing(signed_in, application, max_age):
    assert query_of(authorize(signed_in, max_age=max_age))["code"]


def test_silent_request_with_an_old_login_gives_login_required(signed_in, application):
    age(100)
    assert query_of(authorize(signed_in, prompt="none", max_age="60"))["error"] == "login_required"
    assert query_of(authorize(signed_in, prompt="none", max_age="600"))["code"]


def test_prompt_login_is_dots_with_the_feature_off(signed_in, application, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    assert "login_after" not in way_back(authorize(signed_in, prompt="login"))
