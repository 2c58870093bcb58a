from django.urls import include, path

from testproject.rp import single_page, views

urlpatterns = [
    path("", views.home, name="home"),
    path("members/", views.members, name="members"),
    path("staff/", views.staff, name="staff"),
    path("refresh-now/", views.refresh_now, name="refresh-now"),
    path("oidc/", include("oidc_session.rp.urls")),
    path("spa/", single_page.page, name="spa"),
    path("spa/callback/", single_page.callback, name="spa-callback"),
    path("favicon.ico", views.no_icon),  # The pages name theirs; what is no page doesn't.
]
