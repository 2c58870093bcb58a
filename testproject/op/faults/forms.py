from django import forms
from oauth2_provider.models import get_application_model

from testproject.op.faults.registry import BY_SUBJECT
from testproject.op.models import Fault


def profile_choices():
    return [
        (subject, [(name, f"{name}: {profile.tells}") for name, profile in profiles.items()])
        for subject, profiles in BY_SUBJECT.items()
    ]


def client_choices():
    return get_application_model().objects.order_by("name").values_list("client_id", "name")


class FaultForm(forms.Form):
    """Switch a client whose id is known."""

    profile = forms.ChoiceField(label="Fault", choices=profile_choices)
    seconds = forms.FloatField(required=False, min_value=0, label="Seconds, where the fault takes time")

    def save(self, client_id: str) -> None:
        Fault.objects.update_or_create(client_id=client_id, defaults=self.cleaned_data)


class ChosenClientForm(FaultForm):
    """Switch a client that a person chooses on the page."""

    field_order = ["client_id", "profile", "seconds"]

    client_id = forms.ChoiceField(label="Application", choices=client_choices)
    profile = forms.ChoiceField(
        label="Fault", required=False, choices=lambda: [("", "none: everything as it should be"), *profile_choices()]
    )

    def save_chosen(self) -> None:
        client_id = self.cleaned_data.pop("client_id")
        if self.cleaned_data["profile"]:
            self.save(client_id)
        else:
            Fault.objects.filter(client_id=client_id).delete()
