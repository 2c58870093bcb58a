from django.urls import path

from testproject.rp import logout_views, oidc_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("members/", views.members, name="members"),
    path("oidc/demo/login/", oidc_views.login, name="oidc-login"),
    path("oidc/demo/silent/", oidc_views.silent, name="oidc-silent"),
    path("oidc/demo/callback/", oidc_views.callback, name="oidc-callback"),
    path("oidc/demo/logout/", oidc_views.logout, name="oidc-logout"),
    path("oidc/demo/backchannel-logout/", logout_views.backchannel_logout, name="oidc-backchannel-logout"),
    path("oidc/demo/frontchannel-logout/", logout_views.frontchannel_logout, name="oidc-frontchannel-logout"),
    path("oidc/status/", views.status, name="oidc-status"),
    path("favicon.ico", views.no_icon),  # The pages name theirs; what is no page doesn't.
    path("spa/", views.spa, name="spa"),
    path("spa/callback/", views.spa_callback, name="spa-callback"),
]
