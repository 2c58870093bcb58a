import pytest

from tests.swappable import User

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_change_a_row_on_a_condition_one_does(at_once, alice):
    active = User.objects.filter(pk=alice.pk, is_active=True)
    results = at_once(active, lambda: active.update(is_active=False), lambda: active.update(is_active=False))
    assert sorted(results) == [0, 1]


def test_error_of_a_function_is_the_test_s(at_once, alice):
    def fail():
        User.objects.filter(pk=alice.pk).update(is_active=False)
        raise LookupError

    with pytest.raises(LookupError):
        at_once(User.objects.all(), fail)
