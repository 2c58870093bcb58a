"""Django users for the people of providers: by issuer and subject, and by nothing else."""

from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import AsyncClient

from oidc_session.rp.users.backends import OIDCBackend
from oidc_session.rp.users.models import Identity

User = get_user_model()


class KnownPeopleOnly(OIDCBackend):
    create_unknown_user = False


def user(browser):
    return browser.get("/user/").content.decode()


def test_user_is_made_at_the_first_request(alice_s):
    assert user(alice_s).startswith("oidc-")
    identity = Identity.objects.get()
    assert str(identity) == f"alice-sub at {alice_s.op.url}"
    assert not identity.user.has_usable_password()
    assert not identity.user.is_staff


def test_user_is_the_same_at_each_login(alice_s):
    first = user(alice_s)
    alice_s.sign_in()
    assert user(alice_s) == first
    assert User.objects.count() == 1


def test_another_person_is_another_user(alice_s, op):
    first = user(alice_s)
    op.sub = "bob-sub"
    alice_s.sign_in()
    assert user(alice_s) != first


def test_same_subject_of_another_issuer_is_another_user(alice_s):
    first = user(alice_s)
    Identity.objects.update(mark="of another issuer", iss="https://other.example")
    assert user(alice_s) == ""  # The name is taken: it is made of both.
    User.objects.update(username="somebody")
    assert user(alice_s) == first
    assert User.objects.count() == 2


def test_email_makes_nobody_somebody_else(browser, op):
    User.objects.create_superuser("admin", email="admin@example.org", password="x")
    op.claims = {"email": "admin@example.org", "email_verified": True, "preferred_username": "admin"}
    browser.sign_in()
    assert user(browser) != "admin"


def test_known_identity_is_its_user(alice_s):
    user(alice_s)
    admin = User.objects.create_superuser("admin", password="x")
    Identity.objects.update(user=admin)
    assert user(alice_s) == "admin"


def test_closed_account_is_nobody(alice_s):
    user(alice_s)
    User.objects.update(is_active=False)
    assert user(alice_s) == ""


def test_project_may_let_in_only_whom_it_knows(alice_s, settings):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.KnownPeopleOnly"]
    assert user(alice_s) == ""
    assert not User.objects.exists()


def test_nobody_is_nobody(browser):
    assert user(browser) == ""


def test_user_ends_with_the_session(alice_s):
    assert user(alice_s)
    alice_s.change(expired_at=1.0, expired_by="refused")
    assert user(alice_s) == ""


def test_restricted_person_is_nobody(alice_s):
    alice_s.change(restricted=True)
    assert user(alice_s) == ""


def test_user_by_password_stays_where_there_is_no_session(browser, settings):
    settings.AUTHENTICATION_BACKENDS.append("django.contrib.auth.backends.ModelBackend")
    admin = User.objects.create_superuser("admin", password="x")
    browser.force_login(admin, "django.contrib.auth.backends.ModelBackend")
    assert user(browser) == "admin"


def test_password_is_no_session(browser):
    User.objects.create_superuser("admin", password="x")
    assert not browser.login(username="admin", password="x")


def test_of_two_who_come_first_both_are_the_user(alice_s, monkeypatch):
    first = user(alice_s)
    find = OIDCBackend.find_user
    results = [None]
    monkeypatch.setattr(OIDCBackend, "find_user", lambda *args: results.pop() if results else find(*args))
    assert user(alice_s) == first


@async_to_sync
async def ask_asynchronously(cookies):
    browser = AsyncClient()
    browser.cookies = cookies
    return (await browser.get("/auser/")).content.decode()


def test_async_views_have_their_user_too(alice_s):
    assert ask_asynchronously(alice_s.cookies) == user(alice_s)


def test_models_and_migrations_agree(db):
    call_command("makemigrations", "oidc_session_rp", "oidc_session_rp_users", check=True, dry_run=True)
