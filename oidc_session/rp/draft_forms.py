"""What scripts send about drafts."""

import json
import re
from typing import Any

from django import forms

from oidc_session.rp.conf import conf

LONGEST_PAGE = 2000
LONGEST_NAME = 200
MOST_FIELDS = 50
LATEST = 2**53 - 1  # What JavaScript counts to.
ID = re.compile(r"\A[0-9a-f]{32}\Z")

page_field = forms.RegexField(r"\A/", max_length=LONGEST_PAGE, strip=False)


class DraftForm(forms.Form):
    """One draft; `person` is whom the page was made for."""

    page = page_field
    field = forms.CharField(max_length=LONGEST_NAME, strip=False)
    text = forms.CharField(required=False, strip=False)
    id = forms.RegexField(ID)
    at = forms.IntegerField(min_value=0, max_value=LATEST)
    person = forms.CharField()

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if len(text) > conf.draft_limit:
            raise forms.ValidationError("It is longer than draft_limit.", code="draft_too_long")
        return text

    @property
    def error(self) -> str:
        """The error of an answer: draft_too_long where nothing else is wrong."""
        codes = {error.code for errors in self.errors.as_data().values() for error in errors}
        return "draft_too_long" if codes == {"draft_too_long"} else "invalid_draft"


class Names(forms.Field):
    """A parameter that may come several times."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        if len(value) > MOST_FIELDS or any(len(name) > LONGEST_NAME for name in value):
            raise forms.ValidationError("Too many, or too long.", code="invalid")
        return list(value)


class PageForm(forms.Form):
    """A page with its fields, and the ids of drafts that its browser still has."""

    page = forms.RegexField(r"\A/", max_length=LONGEST_PAGE, strip=False, required=False)
    field = Names()
    id = Names()


class SubmissionForm(forms.Form):
    """What `drafts.js` adds to a form: the page, and the id of each draft by field."""

    page = page_field
    drafts = forms.JSONField()

    def clean_drafts(self) -> dict[str, str]:
        ids = self.cleaned_data["drafts"]
        if not isinstance(ids, dict) or len(ids) > MOST_FIELDS or not all(map(_is_id, ids.values())):
            raise forms.ValidationError("It must have ids by field.", code="invalid")
        return ids


def submission(value: str) -> SubmissionForm:
    """Return the form for what came in a form's field."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    return SubmissionForm(found if isinstance(found, dict) else {})


def _is_id(value: object) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None
