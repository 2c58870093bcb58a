import pytest
from django.utils import timezone

from oidc_session.models import EndReason, OPSession
from tests.oidc import COOKIE

STATUS = "/o/session-status/"
ENGINES = ["db", "cache", "cached_db", "file", "signed_cookies"]

pytestmark = pytest.mark.django_db


@pytest.fixture(params=ENGINES)
def engine(request, settings, tmp_path):
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"


@pytest.fixture
def signed_in(engine, client, alice):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    return client


def test_live_session_is_left_alone_at_the_cost_of_one_query(signed_in, settings, django_assert_num_queries):
    settings.SESSION_SAVE_EVERY_REQUEST = True
    with django_assert_num_queries(1):
        response = signed_in.get(STATUS)
    assert (response.status_code, response.content, len(response.cookies)) == (204, b"", 0)
    assert response["Cache-Control"] == "no-store"


def test_ended_session_gives_the_cookie_of_a_signed_out_browser(signed_in):
    before = signed_in.cookies[COOKIE].value
    OPSession.objects.update(ended_at=timezone.now())
    after = signed_in.get(STATUS).cookies[COOKIE].value
    assert after not in {"", before}
    assert signed_in.get("/person/").content == b"nobody"
    assert COOKIE not in signed_in.get(STATUS).cookies


def test_session_that_the_store_has_lost_is_over_when_due(client, alice):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    client.session.delete()
    assert COOKIE not in client.get(STATUS).cookies
    OPSession.objects.update(expires_at=timezone.now())
    assert COOKIE in client.get(STATUS).cookies
    assert OPSession.objects.get().end_reason == EndReason.EXPIRED


def test_session_that_is_due_and_still_there_is_left_alone(client, alice):
    client.post("/accounts/login/", {"username": "alice", "password": "demo-pass"})
    OPSession.objects.update(expires_at=timezone.now())
    assert COOKIE not in client.get(STATUS).cookies
    assert OPSession.objects.get().is_live


def test_signed_out_browser_costs_nothing(engine, client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(STATUS)
    assert (response.status_code, len(response.cookies)) == (204, 0)


def test_session_from_before_this_app_is_left_alone(signed_in):
    rows = OPSession.objects.all()
    rows._raw_delete(rows.db)
    signed_in.get(STATUS)
    assert signed_in.get("/person/").content == b"alice"


def test_forged_session_cookie_is_nobodys(engine, client, db, settings):
    client.cookies[settings.SESSION_COOKIE_NAME] = "forged"
    assert client.get(STATUS).status_code == 204


def test_status_is_not_there_with_the_feature_off(client, provider):
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False)
    assert client.get(STATUS).status_code == 404


def test_iframe_asks_there_unless_a_setting_says_no(client, provider):
    assert (
        b'data-status-url="/o/session-status/" data-status-interval="60"'
        in client.get("/o/check-session-iframe/").content
    )
    provider(OIDC_SESSION_STATUS_INTERVAL=0)
    assert b"data-status-url" not in client.get("/o/check-session-iframe/").content
