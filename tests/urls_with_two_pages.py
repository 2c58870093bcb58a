"""Sites that show the page of sessions at two addresses."""

from django.urls import include, path

from tests.urls import urlpatterns as ours

urlpatterns = [*ours, path("mine/", include("oidc_session.sessions_urls", namespace="mine"))]
