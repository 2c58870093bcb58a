"""Everybody signed out of an application by an order, with threads, and transactions that commit."""

import re
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from oidc_session import admin_parts, logout_orders, rp_sessions, tasks
from oidc_session.enqueuing import Enqueuing
from oidc_session.models import ApplicationLogout, LogoutNotice, OPSession, RPSession
from tests.administration import APPLICATIONS, ORDERS, act, actions_of, change_page, logged, said, staff, superuser
from tests.databases import number_of
from tests.notices import application_at, session_of
from tests.test_tasks import DUMMY, task_enqueued
from tests.test_telling import loopback, rps, wait_for  # noqa: F401 (two of them are fixtures)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def orders_are_over(loopback):  # noqa: F811
    """Let no thread of a test outlive it."""
    yield
    wait_for_orders()


@pytest.fixture
def shop(alice, bob):
    """Return an application that two people are signed in at."""
    application = application_at("https://rp.example/backchannel", "shop")
    for person in (alice, bob):
        session_of(person, application)
    return application


def wait_for_orders():
    for thread in threading.enumerate():
        if thread.name == "logout-of-everybody":
            thread.join()


def signed_in_at(application):
    return RPSession.objects.filter(application=application, ended_at=None).count()


def run(*arguments):
    output = StringIO()
    call_command("sign_out_everybody", *arguments, stdout=output)
    return output.getvalue().splitlines()


def order_of(application, **fields):
    return ApplicationLogout.objects.create(application=application, **fields)


# In the admin


def test_administrator_is_asked_before_everybody_is_signed_out(shop):
    page = act(superuser(), APPLICATIONS, "sign_out_everybody", shop).content.decode()
    assert "Yes, sign everybody out" in page
    assert "Shop" in page
    assert not ApplicationLogout.objects.exists()


def test_everybody_is_signed_out_in_the_background_and_told(rps, alice, bob, loopback, caplog):  # noqa: F811
    caplog.set_level("INFO", "oidc_session.logout_orders")
    (application, listening), (other, _other) = rps(client_id="one"), rps(client_id="other")
    for person in (alice, bob):
        session_of(person, application, other)
    client = superuser()
    response = act(client, APPLICATIONS, "sign_out_everybody", application, post="yes")
    assert said(response) == ["Everybody is being signed out of 1 application."]
    assert response.redirect_chain[-1][0] == reverse(ORDERS)
    assert logged(application) == ["Signed everybody out."]
    wait_for_orders()
    wait_for(loopback)
    assert (signed_in_at(application), signed_in_at(other)) == (0, 2)
    assert OPSession.objects.live().filter(user__is_staff=False).count() == 2
    assert len(listening.requests) == 2
    order = ApplicationLogout.objects.get()
    assert (order.total, order.ended, order.ordered_by.username) == (2, 2, "root")
    assert order.finished_at
    assert caplog.messages == ["Everybody signed out client_id=one ended=2"]


def asked_at(page):
    return re.search(r'name="asked_at" value="([^"]+)"', page.content.decode())[1]


def test_answer_that_is_given_twice_is_one_order(shop, loopback):  # noqa: F811
    client = superuser()
    moment = asked_at(act(client, APPLICATIONS, "sign_out_everybody", shop))
    for _ in range(2):
        response = act(client, APPLICATIONS, "sign_out_everybody", shop, post="yes", asked_at=moment)
        assert said(response) == ["Everybody is being signed out of 1 application."]
    assert ApplicationLogout.objects.count() == 1
    later = asked_at(act(client, APPLICATIONS, "sign_out_everybody", shop))
    act(client, APPLICATIONS, "sign_out_everybody", shop, post="yes", asked_at=later)
    assert ApplicationLogout.objects.count() == 2
    wait_for_orders()


@pytest.mark.parametrize("moment", ["", "forged"])
def test_answer_to_no_question_of_ours_is_an_order(shop, loopback, moment):  # noqa: F811
    client = superuser()
    for _ in range(2):
        act(client, APPLICATIONS, "sign_out_everybody", shop, post="yes", asked_at=moment)
    assert ApplicationLogout.objects.count() == 2
    wait_for_orders()


def test_progress_is_shown(shop, alice):
    order = order_of(shop, total=3, ended=1)
    states = (LogoutNotice.State.PENDING, LogoutNotice.State.DELIVERED, LogoutNotice.State.DELIVERED)
    for state in states:
        LogoutNotice.objects.create(application=shop, client_id="shop", channel="backchannel", sid="sid", state=state)
    client = superuser()
    page = change_page(client, order)
    fields = [field for fieldset in page.context["adminform"] for line in fieldset for field in line]
    shown = {field.field["name"]: field.contents() for field in fields}
    assert {name: shown[name] for name in ("total", "ended", "being_told", "told", "not_told")} == {
        "total": "3",
        "ended": "1",
        "being_told": "1",
        "told": "2",
        "not_told": "0",
    }


def test_page_looks_again_until_the_order_is_finished(shop):
    order, client = order_of(shop), superuser()
    assert b'http-equiv="refresh"' in change_page(client, order).content
    ApplicationLogout.objects.update(finished_at=timezone.now())
    assert b'http-equiv="refresh"' not in change_page(client, order).content


def test_notices_are_counted_no_further_than_there_is_need_to(shop, monkeypatch):
    monkeypatch.setattr(admin_parts, "MOST_LISTED", 2)
    monkeypatch.setattr("oidc_session.application_logout_admin.MOST_LISTED", 2)
    order = order_of(shop)
    for _ in range(3):
        LogoutNotice.objects.create(application=shop, client_id="shop", channel="backchannel", sid="sid")
    assert b"2 or more" in change_page(superuser(), order).content


def test_pages_cost_few_queries(shop):
    order, client = order_of(shop), superuser()
    assert number_of(lambda: change_page(client, order)) < 20
    assert number_of(lambda: client.get(reverse(ORDERS))) < 20


def test_orders_can_be_neither_changed_nor_deleted(shop):
    order, client = order_of(shop), superuser()
    row = reverse("admin:oidc_session_applicationlogout_change", args=[order.pk])
    assert client.post(row, {"ended": 5}).status_code == 403
    assert client.post(row.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_actions_are_for_those_with_the_permissions(shop, provider):
    client = staff("view_application", "change_application", "delete_application", "change_opsession")
    assert actions_of(client.get(reverse(APPLICATIONS))) == {"delete_selected"}
    act(client, APPLICATIONS, "sign_out_everybody", shop, post="yes")
    assert not ApplicationLogout.objects.exists()


def test_actions_are_there_for_staff_that_may(shop, provider):
    client = staff("view_application", "end_opsession", "resend_logoutnotice")
    assert actions_of(client.get(reverse(APPLICATIONS))) == {"sign_out_everybody", "send_test_notice"}
    provider(OIDC_SESSION_MANAGEMENT_ENABLED=False, OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    response = client.get(reverse(APPLICATIONS))
    assert actions_of(response) == set()


def test_staff_that_may_not_look_at_orders_stays_at_the_applications(shop):
    response = act(staff("view_application", "end_opsession"), APPLICATIONS, "sign_out_everybody", shop, post="yes")
    assert response.redirect_chain == [(reverse(APPLICATIONS), 302)]
    assert ApplicationLogout.objects.count() == 1


def test_test_notice_is_sent_from_the_applications_themselves(rps):  # noqa: F811
    application, listening = rps()
    response = act(superuser(), APPLICATIONS, "send_test_notice", application)
    assert said(response) == ["Test notice to Rp-1: delivered (HTTP 200)"]
    assert len(listening.requests) == 1


# How an order is carried out


def test_who_signs_in_after_the_order_stays_signed_in(shop, alice):
    order = order_of(shop)
    later = session_of(alice, shop)
    assert list(logout_orders.carry_out(order.pk)) == [2]
    assert RPSession.objects.get(op_session=later).ended_at is None


def test_order_that_somebody_is_at_is_left_to_them(shop):
    order = order_of(shop, lease_ends=timezone.now() + timedelta(minutes=1))
    assert list(logout_orders.carry_out(order.pk)) == []
    assert signed_in_at(shop) == 2


def test_command_finishes_what_somebody_left_behind(shop, alice):
    order_of(shop, total=5, ended=3, lease_ends=timezone.now() - timedelta(seconds=1))
    assert run("--unfinished") == ["Signed out of shop: 5"]
    order = ApplicationLogout.objects.get()
    assert (order.total, order.ended) == (5, 5)
    assert order.finished_at
    assert run("--unfinished") == []


def test_process_that_ends_leaves_the_rest_to_the_command(shop, monkeypatch):
    monkeypatch.setattr(logout_orders, "BATCH_SIZE", 1)
    monkeypatch.setattr(threading.main_thread(), "is_alive", lambda: False)
    order = order_of(shop)
    assert list(logout_orders.carry_out(order.pk)) == [1]
    monkeypatch.undo()
    assert signed_in_at(shop) == 1
    assert run("--unfinished") == ["Signed out of shop: 2"]


def test_session_that_cannot_be_ended_keeps_no_others(shop, monkeypatch, caplog):
    first, end = RPSession.objects.earliest("pk"), rp_sessions.end

    def fail(rp_session, **kwargs):
        if rp_session == first:
            raise ValueError
        return end(rp_session, **kwargs)

    monkeypatch.setattr(rp_sessions, "end", fail)
    order = order_of(shop)
    assert list(logout_orders.carry_out(order.pk)) == [1]
    assert RPSession.objects.filter(ended_at=None).get() == first
    assert f"RP session not ended op_session={first.op_session_id}" in caplog.messages


def test_error_of_the_database_is_logged_and_the_order_stays(shop, monkeypatch, caplog):
    def fail(*args):
        raise RuntimeError("the password is demo-pass")

    monkeypatch.setattr(logout_orders, "sign_out_everybody", fail)
    logout_orders.place(shop, None)
    wait_for_orders()
    assert caplog.messages == ["Logout of everybody interrupted error=RuntimeError"]
    assert ApplicationLogout.objects.filter(finished_at=None).exists()


def test_command_needs_to_know_what_to_do():
    with pytest.raises(CommandError, match="one of the arguments"):
        run()


# By the project's workers


@pytest.fixture
def own_enqueuing(monkeypatch):
    own = Enqueuing()
    for module in (logout_orders, tasks):
        monkeypatch.setattr(module, "enqueuing", lambda: own)
    yield own
    wait_for(own)


def test_workers_carry_out_an_order(shop, settings, own_enqueuing):
    settings.TASKS = DUMMY
    enqueued = []

    def note(sender, task_result, **kwargs):
        enqueued.append(task_result)

    task_enqueued.connect(note)
    try:
        order = logout_orders.place(shop, None)
        wait_for(own_enqueuing)
    finally:
        task_enqueued.disconnect(note)
    assert signed_in_at(shop) == 2
    [result] = enqueued
    assert result.args == [order.pk]
    result.task.func(*result.args)
    assert ApplicationLogout.objects.get().finished_at


def test_queue_that_is_down_is_logged_without_its_address(shop, settings, own_enqueuing, monkeypatch, caplog):
    settings.TASKS = DUMMY

    def fail(*args):
        raise ConnectionError("redis://:demo-pass@queue")

    monkeypatch.setattr(type(logout_orders.carry_out_order), "enqueue", fail)
    logout_orders.place(shop, None)
    wait_for(own_enqueuing)
    assert caplog.messages == ["Logout of everybody not enqueued error=ConnectionError"]
    assert logout_orders.unfinished().count() == 1
