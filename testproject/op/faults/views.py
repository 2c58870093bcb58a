"""The switch: GET /faults/ lists the profiles; GET, POST and DELETE /faults/<client_id>/ are of one client."""

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from oauth2_provider.models import get_application_model

from testproject.op.faults.caller import of_this_machine
from testproject.op.faults.registry import PROFILES
from testproject.op.models import Fault


class FaultForm(forms.Form):
    profile = forms.ChoiceField(choices=[(name, profile.tells) for name, profile in PROFILES.items()])
    seconds = forms.FloatField(required=False, min_value=0)


@method_decorator([of_this_machine, never_cache], name="dispatch")
class ProfilesView(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse({name: profile.tells for name, profile in PROFILES.items()})


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
        Fault.objects.update_or_create(client_id=client_id, defaults=form.cleaned_data)
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
