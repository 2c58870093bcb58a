from django.urls import path

from testproject.op.faults import views

urlpatterns = [
    path("", views.FaultsView.as_view(), name="faults"),
    path("<str:client_id>/", views.ClientFaultView.as_view(), name="client-fault"),
]
