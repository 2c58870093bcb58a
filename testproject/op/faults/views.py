"""The switch: /faults/ lists the profiles and has a form for people; programs switch by /faults/<client_id>/."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, View
from oauth2_provider.models import get_application_model

from testproject.op.faults.caller import of_this_machine
from testproject.op.faults.forms import ChosenClientForm, FaultForm
from testproject.op.faults.registry import PROFILES
from testproject.op.models import Fault


@method_decorator([of_this_machine, never_cache], name="dispatch")
class FaultsView(FormView):
    """A page for browsers, JSON for all others."""

    form_class = ChosenClientForm
    template_name = "op/faults.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
            return super().get(request, *args, **kwargs)
        return JsonResponse({name: profile.tells for name, profile in PROFILES.items()})

    def form_valid(self, form: ChosenClientForm) -> HttpResponse:
        form.save_chosen()
        return redirect("faults")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(faults=Fault.objects.order_by("client_id"), **kwargs)


@method_decorator([csrf_exempt, of_this_machine, never_cache], name="dispatch")
class ClientFaultView(View):
    """JSON alone: a page of another site can't send that, nor DELETE, without asking."""

    def dispatch(self, request: HttpRequest, *args: Any, client_id: str) -> HttpResponse:
        if not get_application_model().objects.filter(client_id=client_id).exists():
            return JsonResponse({"error": "There is no such client."}, status=404)
        return super().dispatch(request, *args, client_id=client_id)

    def get(self, request: HttpRequest, client_id: str) -> HttpResponse:
        fault = Fault.objects.filter(client_id=client_id).first()
        return JsonResponse({"profile": fault and fault.profile, "seconds": fault and fault.seconds})

    def post(self, request: HttpRequest, client_id: str) -> HttpResponse:
        if request.content_type != "application/json":
            return JsonResponse({"error": "Send application/json."}, status=415)
        form = FaultForm(members_of(request.body))
        if not form.is_valid():
            return JsonResponse({"error": form.errors}, status=400)
        form.save(client_id)
        return self.get(request, client_id)

    def delete(self, request: HttpRequest, client_id: str) -> HttpResponse:
        Fault.objects.filter(client_id=client_id).delete()
        return self.get(request, client_id)


def members_of(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
