"""DOT's consent form, in which an authentication request travels through the person's browser and back."""

from typing import Any

from django import forms
from oauth2_provider.exceptions import OAuthToolkitError
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError


def keep_white_space(form: forms.Form) -> forms.Form:
    """Let what the form carries come back as it was: a state is the client's, byte for byte."""
    for field in form.fields.values():
        if isinstance(field, forms.CharField):
            field.strip = False
    return form


def is_unanswered(context: dict[str, Any]) -> bool:
    """Whether a page asks for consent: error pages have no form, and one that was sent has data."""
    form = context.get("form")
    return form is not None and not form.is_bound


def refusal(form: forms.Form) -> OAuthToolkitError:
    """Return the error for a request that the form can't carry, such as one with a null character."""
    description = f"Not acceptable: {', '.join(form.errors)}."
    error = InvalidRequestError(description=description, state=form.data["state"])
    return OAuthToolkitError(error, redirect_uri=form.data["redirect_uri"])
