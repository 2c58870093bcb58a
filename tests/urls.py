from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from oidc_session.views import LogoutView as OurLogoutView
from tests import views

urlpatterns = [
    path("o/", include("oidc_session.urls")),
    path("sessions/", include("oidc_session.sessions_urls")),
    path("admin/", admin.site.urls),
    path("accounts/login/", LoginView.as_view(template_name="login.html"), name="login"),
    path("accounts/logout/", LogoutView.as_view(next_page="/untouched/"), name="logout"),
    path("accounts/sign-out/", OurLogoutView.as_view(), name="sign-out"),
    path("accounts/sign-out-and-on/", OurLogoutView.as_view(next_page="/untouched/")),
    path("untouched/", views.untouched),
    path("person/", views.person),
    path("auntouched/", views.auntouched),
    path("aperson/", views.aperson),
    path("modify/", views.modify),
    path("fail/", views.fail),
    path("cycle/", views.cycle),
    path("password/", views.password),
]
