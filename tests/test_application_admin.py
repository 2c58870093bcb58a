import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.checks import run_checks
from django.db import router
from django.urls import reverse

from oidc_session import application_admin
from oidc_session.application_admin import LogoutSettingsInline, add_inline
from oidc_session.models import ClientLogoutSettings
from tests.swappable import Application, User

BACK = "https://back.rp.example/logout"
FRONT = "https://rp.example/logout"
HTTP = "http://back.rp.example/logout"
ADD = f"admin:{Application._meta.app_label}_application_add"
CHANGE = f"admin:{Application._meta.app_label}_application_change"


@pytest.fixture(autouse=True)
def channels(provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True, OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)


@pytest.fixture
def administrator(client_factory, db):
    client = client_factory()
    client.force_login(User.objects.create_superuser("root", password="demo-pass"))
    return client


def fields(**changes):
    return {
        "client_id": "sample rp",
        "name": "Sample",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "client_secret": "demo-secret",
        "redirect_uris": "https://rp.example/callback",
        "algorithm": "RS256",
        "logout_settings-TOTAL_FORMS": 1,
        "logout_settings-INITIAL_FORMS": 0,
    } | changes


def settings_fields(**changes):
    return {f"logout_settings-0-{name}": value for name, value in changes.items()}


def add(client, **changes):
    return client.post(reverse(ADD), fields(**settings_fields(**changes)))


def change(client, application, of_application=None, **changes):
    data = fields(**(of_application or {}), **settings_fields(**changes))
    if stored := ClientLogoutSettings.objects.filter(application=application).first():
        data |= {"logout_settings-INITIAL_FORMS": 1} | settings_fields(id=stored.pk, application=application.pk)
    return client.post(reverse(CHANGE, args=[application.pk]), data)


def saved(response):
    assert response.status_code == 302, errors(response)
    return ClientLogoutSettings.objects.first()


def errors(response):
    assert response.status_code == 200
    [formset] = response.context["inline_admin_formsets"]
    return formset.formset.forms[0].errors


def shown_fields(response):
    return [name for formset in response.context["inline_admin_formsets"] for name in formset.formset.forms[0].fields]


def test_settings_are_made_with_their_application(administrator):
    settings = saved(add(administrator, backchannel_logout_uri=f" {BACK} ", frontchannel_logout_uri=FRONT))
    assert settings.application == Application.objects.get()
    assert (settings.backchannel_logout_uri, settings.frontchannel_logout_uri) == (BACK, FRONT)


def test_settings_left_blank_make_no_row(administrator):
    assert saved(add(administrator)) is None
    assert Application.objects.exists()


def test_settings_are_changed_with_their_application(administrator, application):
    saved(change(administrator, application, backchannel_logout_uri=BACK))
    settings = saved(change(administrator, application, frontchannel_logout_uri=FRONT))
    assert (settings.backchannel_logout_uri, settings.frontchannel_logout_uri) == ("", FRONT)


def test_settings_can_be_cleared(administrator, application):
    saved(change(administrator, application, backchannel_logout_uri=BACK, frontchannel_logout_uri=FRONT))
    settings = saved(change(administrator, application))
    assert settings.backchannel_logout_uri == settings.frontchannel_logout_uri == ""


def test_fields_explain_themselves(administrator, application):
    page = administrator.get(reverse(CHANGE, args=[application.pk])).content.decode()
    assert "Opened in a hidden frame" in page
    assert "Gets a signed logout token" in page


def test_errors_stand_at_their_fields(administrator, application):
    response = change(
        administrator, application, frontchannel_logout_uri="https://evil.example/", backchannel_logout_uri="ftp://rp/"
    )
    assert "redirect URI" in errors(response)["frontchannel_logout_uri"][0]
    assert "scheme" in errors(response)["backchannel_logout_uri"][0]
    assert not ClientLogoutSettings.objects.exists()


def test_uri_is_compared_with_the_application_as_submitted(administrator, application):
    moved = {"redirect_uris": "https://new.example/callback"}
    assert "redirect URI" in str(errors(change(administrator, application, moved, frontchannel_logout_uri=FRONT)))
    assert saved(change(administrator, application, moved, frontchannel_logout_uri="https://new.example/logout"))


def test_uri_is_compared_with_the_new_application_as_submitted(administrator):
    assert "redirect URI" in str(errors(add(administrator, frontchannel_logout_uri="https://new.example/logout")))


def test_unchanged_uri_is_compared_again_when_the_application_changes(administrator, application, provider):
    provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"])
    saved(change(administrator, application, backchannel_logout_uri=HTTP))
    response = change(administrator, application, {"client_type": "public"}, backchannel_logout_uri=HTTP)
    assert "must use https" in errors(response)["backchannel_logout_uri"][0]
    application.refresh_from_db()
    assert application.client_type == "confidential"


def test_nothing_is_made_of_an_application_that_is_wrong(administrator):
    response = administrator.post(
        reverse(ADD), fields(redirect_uris="javascript:alert(1)", **settings_fields(backchannel_logout_uri=BACK))
    )
    assert response.context["adminform"].errors
    assert not Application.objects.exists()
    assert not ClientLogoutSettings.objects.exists()


@pytest.mark.parametrize("channel", ["frontchannel", "backchannel"])
class TestWithAChannelOff:
    @pytest.fixture(autouse=True)
    def off(self, provider, channel):
        provider(**{f"OIDC_{channel.upper()}_LOGOUT_ENABLED": False})

    def test_its_fields_are_not_shown(self, administrator, application, channel):
        names = shown_fields(administrator.get(reverse(CHANGE, args=[application.pk])))
        assert not any(name.startswith(channel) for name in names)
        assert any(name.endswith("_logout_uri") for name in names)

    def test_what_it_had_is_kept_even_where_it_is_not_valid_any_more(self, administrator, application, channel):
        other = "backchannel" if channel == "frontchannel" else "frontchannel"
        ClientLogoutSettings.objects.create(
            application=application, **{f"{channel}_logout_uri": "https://\\/", f"{other}_logout_uri": FRONT}
        )
        settings = saved(change(administrator, application))
        assert getattr(settings, f"{channel}_logout_uri") == "https://\\/"
        assert getattr(settings, f"{other}_logout_uri") == ""


def test_with_both_channels_off_the_page_is_as_it_was(administrator, application, provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False, OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    page = administrator.get(reverse(CHANGE, args=[application.pk]))
    assert page.context["inline_admin_formsets"] == []
    assert b"logout_settings" not in page.content
    data = fields(name="New", **settings_fields(backchannel_logout_uri=BACK))
    assert administrator.post(reverse(CHANGE, args=[application.pk]), data).status_code == 302
    assert not ClientLogoutSettings.objects.exists()


@pytest.fixture
def staff(client_factory, alice):
    """Return who may do some things with applications and their settings."""

    def permitted(*names):
        alice.is_staff = True
        alice.save()
        database = router.db_for_write(Permission)
        alice.user_permissions.set(Permission.objects.using(database).filter(codename__in=names))
        client = client_factory()
        client.force_login(alice)
        return client

    return permitted


def test_staff_without_the_permission_does_not_see_the_settings(staff, application):
    client = staff("change_application")
    assert shown_fields(client.get(reverse(CHANGE, args=[application.pk]))) == []
    change(client, application, backchannel_logout_uri=BACK)
    assert not ClientLogoutSettings.objects.exists()


def test_staff_may_look_without_changing(staff, application):
    ClientLogoutSettings.objects.create(application=application, backchannel_logout_uri=BACK)
    client = staff("change_application", "view_clientlogoutsettings")
    assert BACK in client.get(reverse(CHANGE, args=[application.pk])).content.decode()
    change(client, application, backchannel_logout_uri="https://evil.example/")
    assert ClientLogoutSettings.objects.get().backchannel_logout_uri == BACK


def test_staff_with_the_permission_changes_the_settings(staff, application):
    client = staff("change_application", "add_clientlogoutsettings", "change_clientlogoutsettings")
    assert saved(change(client, application, backchannel_logout_uri=BACK)).backchannel_logout_uri == BACK


def test_settings_are_not_deleted_by_a_forged_field(administrator, application):
    saved(change(administrator, application, backchannel_logout_uri=BACK))
    saved(change(administrator, application, backchannel_logout_uri=BACK, DELETE="on"))
    assert ClientLogoutSettings.objects.exists()


# Which ModelAdmin


@pytest.fixture
def registered_with():
    """Register another ModelAdmin for applications, and put things back."""
    before = admin.site._registry[Application]

    def register(*admin_class):
        admin.site.unregister(Application)
        if admin_class != (None,):
            admin.site.register(Application, *admin_class)
        add_inline()
        return admin.site._registry.get(Application)

    yield register
    admin.site._registry[Application] = before


class OwnInline(LogoutSettingsInline):
    verbose_name_plural = "Our words"


class AdminWithOurInline(admin.ModelAdmin):
    inlines = [LogoutSettingsInline]


class AdminWithAnInlineOfItsOwn(admin.ModelAdmin):
    inlines = [OwnInline]


def test_the_admin_of_applications_has_the_inline():
    assert LogoutSettingsInline in admin.site.get_model_admin(Application).inlines


@pytest.mark.parametrize("admin_class", [AdminWithOurInline, AdminWithAnInlineOfItsOwn])
def test_inline_that_is_there_is_not_there_twice(registered_with, admin_class):
    assert registered_with(admin_class).inlines == admin_class.inlines


def test_other_models_of_the_same_model_admin_get_no_inline(registered_with):
    assert registered_with().inlines == (LogoutSettingsInline,)
    assert admin.ModelAdmin.inlines == ()


def test_adding_twice_adds_once(registered_with):
    model_admin = registered_with()
    add_inline()
    assert model_admin.inlines == (LogoutSettingsInline,)


def test_project_without_an_admin_of_applications_gets_none(registered_with):
    assert registered_with(None) is None


def test_django_has_no_complaint_about_the_inline():
    assert [message for message in run_checks() if message.id.startswith("admin.")] == []


def test_no_admin_module_is_looked_for_where_the_project_does_not_want_it(monkeypatch):
    monkeypatch.setattr(application_admin, "AdminConfig", type("Another", (), {}))
    monkeypatch.setattr(admin, "autodiscover", lambda: pytest.fail("The project does that when it likes."))
    add_inline()


STARTED = """
import django
from django.conf import settings
from tests import settings as project

apps = {apps}
values = {{name: getattr(project, name) for name in dir(project) if name.isupper()}}
settings.configure(**values | {{"INSTALLED_APPS": apps}})
django.setup()
from django.apps import apps
from oauth2_provider.models import get_application_model
if apps.is_installed("django.contrib.admin"):
    from django.contrib import admin
    model_admin = admin.site.get_model_admin(get_application_model())
    print(type(model_admin).__name__, *(inline.__name__ for inline in model_admin.inlines))
else:
    print("none")
"""


def started(tmp_path, *names):
    """Start a project of some apps in this order, and return which ModelAdmin serves applications, with its inlines."""
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "admin.py").write_text(
        "from django.contrib import admin\n"
        "from oauth2_provider.admin import ApplicationAdmin\n"
        "from oauth2_provider.models import get_application_model\n"
        "class ShopAdmin(ApplicationAdmin): pass\n"
        "admin.site.unregister(get_application_model())\n"
        "admin.site.register(get_application_model(), ShopAdmin)\n"
    )
    rest = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.messages", "django.contrib.sessions"]
    swapped = ["tests.swapped"] if "swapped" in os.environ.get("TEST_VARIANT", "") else []
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.getcwd()])}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    program = STARTED.format(apps=[*names, *rest, *swapped])
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "names",
    [
        ["django.contrib.admin", "oauth2_provider", "oidc_session"],
        ["django.contrib.admin", "oidc_session", "oauth2_provider"],
        ["oidc_session", "django.contrib.admin", "oauth2_provider"],
        ["oidc_session", "oauth2_provider", "django.contrib.admin"],
    ],
)
def test_order_of_the_apps_does_not_matter(tmp_path, names):
    assert started(tmp_path, *names) == ["ApplicationAdmin", "LogoutSettingsInline"]


@pytest.mark.parametrize(
    "names",
    [
        ["django.contrib.admin", "oauth2_provider", "oidc_session", "shop"],
        ["oidc_session", "oauth2_provider", "shop", "django.contrib.admin"],
        ["shop", "oidc_session", "oauth2_provider", "django.contrib.admin"],
    ],
)
def test_order_does_not_matter_to_an_admin_of_the_projects_own(tmp_path, names):
    assert started(tmp_path, *names) == ["ShopAdmin", "LogoutSettingsInline"]


def test_project_without_the_admin_starts(tmp_path):
    assert started(tmp_path, "oauth2_provider", "oidc_session") == ["none"]


def test_start_without_the_admin_looks_for_no_model_admin(monkeypatch):
    monkeypatch.setattr(apps, "is_installed", lambda name: False)
    monkeypatch.setattr(application_admin, "add_inline", lambda: pytest.fail("There is no admin."))
    apps.get_app_config("oidc_session").ready()
