"""The pages of a person's own sessions, to be included where a project wants them."""

from django.urls import path

from oidc_session import sessions_views as views

app_name = "oidc_sessions"

urlpatterns = [
    path("", views.SessionsView.as_view(), name="list"),
    path("applications/<int:pk>/end/", views.EndApplicationView.as_view(), name="end-application"),
    path("<int:pk>/end/", views.EndSessionView.as_view(), name="end"),
    path("everywhere-else/end/", views.EverywhereElseView.as_view(), name="everywhere-else"),
    path("everywhere/end/", views.EverywhereView.as_view(), name="everywhere"),
]
