import pytest
from django.core.exceptions import ValidationError

from oidc_session.models import ClientLogoutSettings
from tests.swappable import Application

BACK = "https://rp.example/back"
FRONT = "https://rp.example/front"

pytestmark = pytest.mark.django_db


def errors(settings, **options):
    with pytest.raises(ValidationError) as refusal:
        settings.full_clean(**options)
    return refusal.value.message_dict


def test_good_settings_are_good(application):
    ClientLogoutSettings(
        application=application, frontchannel_logout_uri=FRONT, backchannel_logout_uri=BACK
    ).full_clean()


def test_blank_settings_are_good(application):
    ClientLogoutSettings(application=application).full_clean()


def test_each_uri_has_its_own_error(application):
    settings = ClientLogoutSettings(
        application=application, frontchannel_logout_uri="https://evil.example/", backchannel_logout_uri="ftp://rp/"
    )
    assert errors(settings).keys() == {"frontchannel_logout_uri", "backchannel_logout_uri"}


def test_long_uri_is_refused(application):
    settings = ClientLogoutSettings(application=application, backchannel_logout_uri=BACK + "a" * 2048)
    assert errors(settings).keys() == {"backchannel_logout_uri"}


def test_field_that_is_not_asked_about_is_not_validated(application):
    settings = ClientLogoutSettings(application=application, frontchannel_logout_uri="https://evil.example/")
    settings.full_clean(exclude=["frontchannel_logout_uri"])


def test_settings_without_an_application_say_so():
    assert errors(ClientLogoutSettings(backchannel_logout_uri=BACK)).keys() == {"application"}


def test_settings_of_an_application_to_be_chosen_later_are_not_compared():
    ClientLogoutSettings(frontchannel_logout_uri=FRONT).full_clean(exclude=["application"])


def test_application_not_stored_yet_is_looked_at_as_it_is():
    application = Application(client_type=Application.CLIENT_PUBLIC, redirect_uris="https://elsewhere.example/")
    settings = ClientLogoutSettings(application=application, frontchannel_logout_uri=FRONT)
    assert errors(settings, exclude=["application"]).keys() == {"frontchannel_logout_uri"}


def test_application_has_blank_settings_at_first(application):
    settings = ClientLogoutSettings.of(application)
    assert settings.application == application
    assert settings.pk is None


def test_blank_settings_are_not_stored(application):
    ClientLogoutSettings.of(application).keep()
    assert not ClientLogoutSettings.objects.exists()


@pytest.mark.parametrize("changes", [{"backchannel_logout_uri": BACK}, {"frontchannel_logout_session_required": True}])
def test_settings_that_say_something_are_stored(application, changes):
    settings = ClientLogoutSettings.of(application)
    for name, value in changes.items():
        setattr(settings, name, value)
    settings.keep()
    assert ClientLogoutSettings.objects.filter(application=application, **changes).exists()


def test_settings_that_say_nothing_any_more_are_deleted(application):
    ClientLogoutSettings.objects.create(application=application, backchannel_logout_uri=BACK)
    settings = ClientLogoutSettings.of(Application.objects.get(pk=application.pk))
    settings.backchannel_logout_uri = ""
    settings.keep()
    assert not ClientLogoutSettings.objects.exists()


def test_of_two_who_store_the_first_settings_both_succeed(application):
    first = ClientLogoutSettings.of(Application.objects.get(pk=application.pk))
    second = ClientLogoutSettings.of(Application.objects.get(pk=application.pk))
    first.backchannel_logout_uri = second.backchannel_logout_uri = BACK
    second.frontchannel_logout_uri = FRONT
    first.keep()
    second.keep()
    assert ClientLogoutSettings.objects.get().frontchannel_logout_uri == FRONT


def test_settings_go_with_their_application(application):
    ClientLogoutSettings.objects.create(application=application, backchannel_logout_uri=BACK)
    application.delete()
    assert not ClientLogoutSettings.objects.exists()


def test_settings_are_called_by_their_application(application):
    assert str(ClientLogoutSettings.of(application)) == "Sample"
