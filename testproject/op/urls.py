from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path

from oidc_session.urls import metadata_urlpatterns
from oidc_session.views import LogoutView
from testproject.environment import PASSWORD
from testproject.op import views
from testproject.op.faults.signing import FaultyJwksInfoView

urlpatterns = [
    path("", views.home, name="home"),
    path(
        "accounts/login/",
        LoginView.as_view(template_name="op/login.html", extra_context={"password": PASSWORD}),
        name="login",
    ),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("favicon.ico", views.no_icon),  # The pages name theirs; the administration's don't.
    path("admin/", admin.site.urls),
    path("sessions/", include("oidc_session.sessions_urls")),
    path("faults/", include("testproject.op.faults.urls")),
    path("o/.well-known/jwks.json", FaultyJwksInfoView.as_view()),
    path("o/", include("oidc_session.urls")),
    *metadata_urlpatterns,  # RFC 8414 has it at the root: /.well-known/oauth-authorization-server/o
]
