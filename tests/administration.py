"""Administrators, and what they do in the Django admin."""

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import router
from django.test import Client
from django.urls import reverse

from tests.swappable import Application, User

APPLICATIONS = f"admin:{Application._meta.app_label}_application_changelist"
CONSENTS = "admin:oidc_session_consent_changelist"
LEDGER = "admin:oidc_session_logoutnotice_changelist"
ORDERS = "admin:oidc_session_applicationlogout_changelist"
SESSIONS = "admin:oidc_session_opsession_changelist"


def superuser():
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="demo-pass"))
    return client


def staff(*permissions):
    """Return the browser of somebody who may do these things, named by their permissions, and nothing else."""
    person = User.objects.create_user("staff", is_staff=True)
    known = Permission.objects.using(router.db_for_write(Permission))
    person.user_permissions.set(known.filter(codename__in=permissions))
    client = Client()
    client.force_login(person)
    return client


def act(client, page, action, *objects, **more):
    data = {"action": action, "_selected_action": [row.pk for row in objects]} | more
    return client.post(reverse(page), data, follow=True)


def actions_of(response):
    form = response.context["action_form"]
    return {name for name, _title in form.fields["action"].choices if name} if form else set()


def found(client, page, **query):
    """Return the keys of the rows that a list has; an administrator's own session is not among them."""
    response = client.get(reverse(page), query)
    assert response.status_code == 200
    listed = response.context["cl"].result_list
    return [row.pk for row in listed if not getattr(getattr(row, "user", None), "is_staff", False)]


def change_page(client, row):
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return client.get(reverse(name, args=[row.pk]))


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)] or [
        str(message) for message in response.context["messages"]
    ]


def logged(row):
    return list(LogEntry.objects.filter(object_id=str(row.pk)).values_list("change_message", flat=True))
