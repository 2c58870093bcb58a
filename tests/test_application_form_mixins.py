import pytest
from django.db import IntegrityError
from django.forms import modelform_factory
from django.urls import reverse
from oauth2_provider import views as dots_views

from oidc_session import views
from oidc_session.application_form_mixins import ApplicationFormMixin
from oidc_session.models import ClientLogoutSettings, EndReason, OPSession
from oidc_session.sessions import end
from tests.swappable import Application

BACK = "https://back.rp.example/logout"
FRONT = "https://rp.example/logout"
HTTP = "http://back.rp.example/logout"
REGISTER = "oauth2_provider:register"
UPDATE = "oauth2_provider:update"


@pytest.fixture(autouse=True)
def channels(provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=True, OIDC_BACKCHANNEL_LOGOUT_ENABLED=True)


@pytest.fixture
def owner(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def mine(application, alice):
    application.user = alice
    application.save()
    return application


def fields(**changes):
    return {
        "name": "Sample",
        "client_id": "sample rp",
        "client_secret": "demo-secret",
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": "https://rp.example/callback",
        "algorithm": "RS256",
    } | changes


def register(client, **changes):
    return client.post(reverse(REGISTER), fields(**changes))


def update(client, application, **changes):
    return client.post(reverse(UPDATE, args=[application.pk]), fields(**changes))


def saved(response):
    assert response.status_code == 302, response.context["form"].errors
    return ClientLogoutSettings.objects.first()


def errors(response):
    assert response.status_code == 200
    return response.context["form"].errors


def test_settings_are_made_with_their_application(owner, alice):
    settings = saved(register(owner, frontchannel_logout_uri=FRONT, backchannel_logout_uri=f" {BACK} "))
    assert settings.application.user == alice
    assert (settings.frontchannel_logout_uri, settings.backchannel_logout_uri) == (FRONT, BACK)
    assert settings.backchannel_logout_session_required is False


def test_settings_left_blank_make_no_row(owner):
    assert saved(register(owner)) is None
    assert Application.objects.exists()


def test_settings_are_changed_with_their_application(owner, mine):
    saved(update(owner, mine, backchannel_logout_uri=BACK))
    settings = saved(update(owner, mine, frontchannel_logout_uri=FRONT, frontchannel_logout_session_required="on"))
    assert (settings.frontchannel_logout_uri, settings.backchannel_logout_uri) == (FRONT, "")
    assert settings.frontchannel_logout_session_required is True


def test_settings_that_are_cleared_leave_no_row(owner, mine):
    saved(update(owner, mine, backchannel_logout_uri=BACK))
    assert saved(update(owner, mine)) is None


def test_page_shows_what_is_set(owner, mine):
    ClientLogoutSettings.objects.create(
        application=mine, backchannel_logout_uri=BACK, backchannel_logout_session_required=True
    )
    form = owner.get(reverse(UPDATE, args=[mine.pk])).context["form"]
    assert form["name"].value() == "Sample"
    assert form["backchannel_logout_uri"].value() == BACK
    assert form["backchannel_logout_session_required"].value() is True


def test_pages_have_dots_template_and_fields(owner, mine):
    for page in (owner.get(reverse(REGISTER)), owner.get(reverse(UPDATE, args=[mine.pk]))):
        assert next(iter(page.context["form"].fields)) == "name"
        assert b'name="backchannel_logout_uri"' in page.content
        assert b"Gets a signed logout token" in page.content
        assert b"oauth2_provider/js/application_form.js" in page.content


def test_errors_stand_at_their_fields(owner, mine):
    response = update(
        owner, mine, frontchannel_logout_uri="https://evil.example/", backchannel_logout_uri="javascript:alert(1)"
    )
    assert errors(response).keys() == {"frontchannel_logout_uri", "backchannel_logout_uri"}
    assert b'value="javascript:alert(1)"' in response.content
    assert not ClientLogoutSettings.objects.exists()


def test_uri_too_long_is_said_once(owner, mine):
    found = errors(update(owner, mine, backchannel_logout_uri=f"{BACK}/{'a' * 2048}"))
    assert len(found["backchannel_logout_uri"]) == 1


def test_uri_is_compared_with_the_application_as_submitted(owner, mine):
    moved = {"redirect_uris": "https://new.example/callback"}
    assert "redirect URI" in str(errors(update(owner, mine, frontchannel_logout_uri=FRONT, **moved)))
    assert saved(update(owner, mine, frontchannel_logout_uri="https://new.example/logout", **moved))


@pytest.mark.parametrize("client_type", ["public", "confidential"])
def test_http_is_for_confidential_clients(owner, provider, client_type):
    provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"])
    response = register(owner, backchannel_logout_uri=HTTP, client_type=client_type)
    if client_type == "public":
        assert "must use https" in str(errors(response)["backchannel_logout_uri"])
    else:
        assert saved(response).backchannel_logout_uri == HTTP


def test_application_that_is_wrong_is_not_saved_with_good_settings(owner, mine):
    assert "redirect_uris" in errors(update(owner, mine, redirect_uris="data:hello", backchannel_logout_uri=BACK))
    assert not ClientLogoutSettings.objects.exists()


def test_application_is_not_saved_without_its_settings(owner, monkeypatch):
    def fail(settings):
        raise IntegrityError

    monkeypatch.setattr(ClientLogoutSettings, "keep", fail)
    with pytest.raises(IntegrityError):
        register(owner, backchannel_logout_uri=BACK)
    assert not Application.objects.exists()


def test_form_can_be_saved_in_two_steps(mine):
    view = views.ApplicationUpdate()
    form = view.get_form_class()(fields(backchannel_logout_uri=BACK), instance=mine)
    form.save(commit=False)
    assert not ClientLogoutSettings.objects.exists()
    form.save_m2m()
    assert ClientLogoutSettings.objects.get().backchannel_logout_uri == BACK


def test_nobody_changes_the_application_of_another(client, bob, mine):
    client.force_login(bob)
    assert update(client, mine, backchannel_logout_uri="https://evil.example/").status_code == 404
    assert not ClientLogoutSettings.objects.exists()


def test_nobody_changes_anything_signed_out(client, mine):
    for response in (update(client, mine, backchannel_logout_uri=BACK), register(client, backchannel_logout_uri=BACK)):
        assert response["Location"].startswith("/accounts/login/")
    assert not ClientLogoutSettings.objects.exists()


def test_nothing_is_changed_in_a_session_that_has_ended(owner, mine):
    owner.get(reverse(REGISTER))
    end(OPSession.objects.get(), EndReason.ADMIN, delete_django_session=False)
    assert update(owner, mine, backchannel_logout_uri=BACK)["Location"].startswith("/accounts/login/")
    assert not ClientLogoutSettings.objects.exists()


@pytest.mark.parametrize("channel", ["frontchannel", "backchannel"])
class TestWithAChannelOff:
    @pytest.fixture(autouse=True)
    def off(self, provider, channel):
        provider(**{f"OIDC_{channel.upper()}_LOGOUT_ENABLED": False})

    def test_its_fields_are_not_shown(self, owner, channel):
        names = owner.get(reverse(REGISTER)).context["form"].fields
        assert not any(name.startswith(channel) for name in names)
        assert any(name.endswith("_logout_session_required") for name in names)

    def test_what_it_had_is_kept_even_where_it_is_not_valid_any_more(self, owner, mine, channel):
        ClientLogoutSettings.objects.create(application=mine, **{f"{channel}_logout_uri": "https://\\/"})
        settings = saved(update(owner, mine, **{f"{channel}_logout_uri": BACK}))
        assert getattr(settings, f"{channel}_logout_uri") == "https://\\/"


def test_with_both_channels_off_the_form_is_dots(owner, mine, provider):
    provider(OIDC_FRONTCHANNEL_LOGOUT_ENABLED=False, OIDC_BACKCHANNEL_LOGOUT_ENABLED=False)
    ours = owner.get(reverse(UPDATE, args=[mine.pk])).context["form"]
    assert list(ours.fields) == list(dots_views.ApplicationUpdate().get_form_class().base_fields)
    assert saved(update(owner, mine, backchannel_logout_uri=BACK)) is None


class NameOnly(dots_views.ApplicationUpdate):
    def get_form_class(self):
        return modelform_factory(Application, fields=["name"])


class NameAndSettings(ApplicationFormMixin, NameOnly):
    pass


def test_form_of_the_projects_own_gains_the_fields(mine):
    form = NameAndSettings().get_form_class()({"name": "New", "backchannel_logout_uri": BACK}, instance=mine)
    assert next(iter(form.fields)) == "name"
    form.save()
    stored = Application.objects.get(pk=mine.pk)
    assert (stored.name, stored.redirect_uris) == ("New", mine.redirect_uris)
    assert stored.logout_settings.backchannel_logout_uri == BACK
