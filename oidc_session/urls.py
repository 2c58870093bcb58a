"""DOT's URLs with ours in front; include this in place of `oauth2_provider.urls`."""

from django.urls import path, re_path
from oauth2_provider import urls

from oidc_session import views

app_name = "oauth2_provider"

# To be mounted at the server's root as well, like DOT's: RFC 8414, "Obtaining Authorization Server Metadata".
metadata_urlpatterns = [
    path(
        ".well-known/oauth-authorization-server",
        views.OAuthServerMetadataView.as_view(),
        name="oauth-server-metadata",
    ),
    path(
        ".well-known/oauth-authorization-server/<path:issuer_path>",
        views.OAuthServerMetadataView.as_view(),
        name="oauth-server-metadata-issuer",
    ),
    *urls.metadata_urlpatterns,
]

urlpatterns = [
    path("authorize/", views.AuthorizationView.as_view(), name="authorize"),
    path("token/", views.TokenView.as_view(), name="token"),
    re_path(
        r"^\.well-known/openid-configuration/?$",
        views.ConnectDiscoveryInfoView.as_view(),
        name="oidc-connect-discovery-info",
    ),
    path("device-confirm/<slug:client_id>/<slug:user_code>", views.DeviceConfirmView.as_view(), name="device-confirm"),
    path("logout/", views.RPInitiatedLogoutView.as_view(), name="rp-initiated-logout"),
    path("device/", views.DeviceUserCodeView.as_view(), name="device"),
    path("authorized_tokens/", views.AuthorizedTokensListView.as_view(), name="authorized-token-list"),
    path(
        "authorized_tokens/<slug:pk>/delete/",
        views.AuthorizedTokenDeleteView.as_view(),
        name="authorized-token-delete",
    ),
    path("applications/register/", views.ApplicationRegistration.as_view(), name="register"),
    path("applications/<slug:pk>/update/", views.ApplicationUpdate.as_view(), name="update"),
    path("signed-out/<str:token>/", views.SignedOutView.as_view(), name="signed-out"),
    path("session-status/", views.SessionStatusView.as_view(), name="session-status"),
    path("check-session-iframe/", views.CheckSessionIframeView.as_view(), name="check-session-iframe"),
    path("register/", views.DynamicClientRegistrationView.as_view(), name="dcr-register"),
    path(
        "register/<str:client_id>/",
        views.DynamicClientRegistrationManagementView.as_view(),
        name="dcr-register-management",
    ),
    *metadata_urlpatterns,
    *urls.urlpatterns,
]
