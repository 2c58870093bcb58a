from django.urls import include, path
from django.views.static import serve

from oidc_session.rp.script_page import STATIC
from tests.rp import views

urlpatterns = [
    path("oidc/", include("oidc_session.rp.urls")),
    path("", views.home),
    path("members/", views.members),
    path("amembers/", views.amembers),
    path("others/", views.others),
    path("staff/", views.staff),
    path("astaff/", views.astaff),
    path("class/members/", views.Members.as_view()),
    path("class/staff/", views.Staff.as_view()),
    path("tokens/", views.tokens),
    path("atokens/", views.atokens),
    path("call-refresh/", views.call_refresh),
    path("acall-refresh/", views.acall_refresh),
    path("form/", views.form),
    path("accept/", views.accept),
    path("accept-anybody/", views.accept_anybody),
    path("watched/", views.watched),
    path("awatched/", views.awatched),
    path("static/<path:path>", serve, {"document_root": STATIC.parent}),
    path("keep/", views.keep),
    path("kept/", views.kept),
    path("user/", views.user),
    path("auser/", views.auser),
]
