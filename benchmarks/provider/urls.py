from django.conf import settings
from django.urls import include, path

from benchmarks.provider import views

PROVIDER_URLS = {
    "dot": "oauth2_provider.urls",
    "oidc_provider": "oidc_provider.urls",
    "oidc_session": "oidc_session.urls",
}

urlpatterns = [
    path("o/", include(PROVIDER_URLS[settings.CONTENDER])),
    path("sign-in/<str:name>/", views.sign_in),
    path("untouched/", views.untouched),
    path("person/", views.person),
]
