"""Two processes that end the same many sessions at the same moment."""

import pytest

from oidc_session import ending, sessions
from oidc_session.models import EndReason, LogoutNotice, OPSession
from tests.notices import application_at, session_of

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = 40


@pytest.fixture
def many(alice, provider):
    provider(OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)
    application = application_at("https://rp.example/backchannel-logout")
    return [session_of(alice, application) for _ in range(NUMBER)]


def end(batch):
    return ending.end(batch, EndReason.ADMIN, tell=lambda keys: None)


def test_two_who_end_the_same_many_end_each_once(at_once, many):
    rows = OPSession.objects.filter(pk=many[NUMBER // 2].pk)
    one, other = at_once(rows, lambda: end(many), lambda: end(many[::-1]))
    assert sorted([len(one), len(other)]) == [0, NUMBER]
    assert LogoutNotice.objects.count() == NUMBER


def test_two_who_end_some_of_the_same_end_each_once(at_once, many):
    rows = OPSession.objects.filter(pk=many[NUMBER // 2].pk)
    one, other = at_once(rows, lambda: end(many[::2]), lambda: end(many[: NUMBER // 4 : -1]))
    assert {*one, *other} == {*many[::2], *many[: NUMBER // 4 : -1]}
    assert LogoutNotice.objects.count() == len(one) + len(other) == len({*one, *other})


def test_one_that_is_ended_as_all_are_ended_is_ended_once(at_once, many, alice):
    middle = many[NUMBER // 2]
    rows = OPSession.objects.filter(pk=middle.pk)
    number, alone = at_once(
        rows, lambda: sessions.end_all(alice, EndReason.USER), lambda: sessions.end(middle, EndReason.LOGOUT)
    )
    assert number + alone == NUMBER
    assert LogoutNotice.objects.count() == NUMBER
