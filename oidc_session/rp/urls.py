from django.urls import path

from oidc_session.rp import backchannel, check_session, draft_views, events, frontchannel, views

app_name = "oidc_session_rp"
urlpatterns = [
    path("status/", views.status, name="status"),
    path("<str:name>/login/", views.login, name="login"),
    path("<str:name>/callback/", views.callback, name="callback"),
    path("<str:name>/logout/", views.logout, name="logout"),
    path("<str:name>/refresh/", views.refresh, name="refresh"),
    path("<str:name>/drafts/", draft_views.drafts, name="drafts"),
    path("<str:name>/backchannel-logout/", backchannel.backchannel_logout, name="backchannel_logout"),
    path("<str:name>/frontchannel-logout/", frontchannel.frontchannel_logout, name="frontchannel_logout"),
    path("<str:name>/events/", events.events, name="events"),
    path("<str:name>/check-session/", check_session.check_session, name="check_session"),
]
