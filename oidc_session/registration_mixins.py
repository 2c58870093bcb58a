"""What DOT's views of dynamic client registration gain: clients of OpenID Connect, RFC 7591 and RFC 7592."""

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import router, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import override
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import get_application_model
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.validators import AllowedURIValidator

from oidc_session import client_logout_settings
from oidc_session.conf import conf
from oidc_session.exceptions import InvalidClientMetadata
from oidc_session.json_members import Members
from oidc_session.registration import ClientMetadata, registered_members

if TYPE_CHECKING:
    from oauth2_provider.views import DynamicClientRegistrationView as View
else:
    View = object

DotsView = Callable[[dict[str, object]], HttpResponse]
"""Takes the members of a request that DOT understands, and answers as DOT does."""

REFUSED_BY_DOT: dict[str, object] = {"grant_types": []}
TAKEN_BY_DOT_FOR_ANY_CLIENT: dict[str, object] = {
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "client_secret_basic",
}


class ClientInformationMixin(View):
    """What both views answer."""

    def get_client_information(self, application: Any, members: dict[str, object]) -> dict[str, object]:
        """Return the members that are added to DOT's answer."""
        return members | {"client_id_issued_at": int(application.created.timestamp())}

    def including(self, response: HttpResponse, application: Any, members: dict[str, object]) -> HttpResponse:
        answer = json.loads(response.content) | self.get_client_information(application, members)
        if "client_secret" in answer:
            answer["client_secret_expires_at"] = 0
        response.content = json.dumps(answer)
        response["Cache-Control"] = "no-store"
        return response


class RegistrationMixin(ClientInformationMixin):
    """For DOT's DynamicClientRegistrationView."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        view = partial(super().post, request, *args, **kwargs)
        return exchange(request, view, self.register) if conf.SESSIONS_ENABLED else view()

    def register(self, dot: DotsView, members: Members, metadata: ClientMetadata) -> HttpResponse:
        # With its strings, such as a software_statement, for permission classes that look into the request.
        response = dot(members.strings() | in_dots_words(metadata))
        if response.status_code != 201:
            return response
        answer = json.loads(response.content)
        application = applications().get(client_id=answer["client_id"])
        store(application, metadata, answer["client_secret"] if metadata.signs_with_secret else None)
        client_logout_settings.replace(application, metadata.logout)
        return self.including(response, application, metadata.members())


class RegistrationManagementMixin(ClientInformationMixin):
    """For DOT's DynamicClientRegistrationManagementView."""

    def get(self, request: HttpRequest, client_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, client_id, *args, **kwargs)
        if not conf.SESSIONS_ENABLED or response.status_code != 200:
            return response
        application = applications().get(client_id=client_id)
        members = registered_members(application) | client_logout_settings.registered(application)
        return self.including(response, application, members)

    def put(self, request: HttpRequest, client_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        view = partial(super().put, request, client_id, *args, **kwargs)
        if not conf.SESSIONS_ENABLED:
            return view()
        permission = super().get(request, client_id, *args, **kwargs)
        if permission.status_code != 200:  # Nobody else gets as far as the lock on the row.
            return permission
        return exchange(request, view, partial(self.change, client_id))

    def change(self, client_id: str, dot: DotsView, members: Members, metadata: ClientMetadata) -> HttpResponse:
        application = applications().select_for_update().filter(client_id=client_id).first()
        response = dot(in_dots_words(metadata) | TAKEN_BY_DOT_FOR_ANY_CLIENT)
        if response.status_code != 200:
            return response
        refuse_another_identity(members, application)
        secret = generate_client_secret() if metadata.needs_secret(application) else None
        store(application, metadata, secret)
        client_logout_settings.replace(application, metadata.logout)
        told = metadata.members() | ({"client_secret": secret} if secret else {})
        return self.including(response, application, told)


def exchange(
    request: HttpRequest,
    view: Callable[[], HttpResponse],
    complete: Callable[[DotsView, Members, ClientMetadata], HttpResponse],
) -> HttpResponse:
    """Answer a request with client metadata: all of it is done, or nothing."""
    dot = partial(dots_answer, request, view)
    try:
        members = Members.parse(request.body)
        metadata = ClientMetadata.parse(members)
    except InvalidClientMetadata as error:
        response = dot(REFUSED_BY_DOT)  # With 400, or with 401 where nobody may know what is wrong.
        return refusal(str(error)) if response.status_code == 400 else response
    with override("en"):  # An error_description is ASCII: RFC 7591, "Client Registration Error Response".
        try:
            with transaction.atomic(using=database()):
                return complete(dot, members, metadata)
        except InvalidClientMetadata as error:
            return refusal(str(error))
        except ValidationError as error:
            return refusal("; ".join(error.messages))


def dots_answer(request: HttpRequest, view: Callable[[], HttpResponse], members: dict[str, object]) -> HttpResponse:
    request._body = json.dumps(members).encode()
    return view()


def in_dots_words(metadata: ClientMetadata) -> dict[str, object]:
    """Return what DOT takes for the client: of a hybrid one its code half."""
    return {
        "client_name": metadata.client_name or "",
        "redirect_uris": metadata.redirect_uris,
        "grant_types": [name for name in metadata.grant_types if name != "implicit"] or ["implicit"],
        "response_types": metadata.response_types,
        "token_endpoint_auth_method": metadata.token_endpoint_auth_method,
    }


def refuse_another_identity(members: Members, application: Any) -> None:
    """RFC 7592, "Client Update Request": a client chooses neither its identifier nor its secret."""
    if members.text("client_id") not in (None, application.client_id):
        raise InvalidClientMetadata("client_id must be the one issued")
    secret = members.text("client_secret")
    if secret is not None and not is_secret_of(application, secret):
        raise InvalidClientMetadata("client_secret must be the one issued")


def is_secret_of(application: Any, secret: str) -> bool:
    if application.hash_client_secret:
        return check_password(secret, application.client_secret)
    return constant_time_compare(secret, application.client_secret)


def store(application: Any, metadata: ClientMetadata, secret: str | None) -> None:
    """Make the application what the client asked for, with a new secret if one is given."""
    for name, value in metadata.fields().items():
        setattr(application, name, value)
    if secret is not None:
        application.client_secret = secret
    application.full_clean()
    validate_post_logout_redirect_uris(application)
    application.save()


def validate_post_logout_redirect_uris(application: Any) -> None:
    validate = AllowedURIValidator(
        {scheme.lower() for scheme in application.get_allowed_schemes()},
        name="post logout redirect uri",
        allow_path=True,
        allow_query=True,
        allow_hostname_wildcard=oauth2_settings.ALLOW_URI_WILDCARDS,
    )
    for uri in application.post_logout_redirect_uris.split():
        validate(uri)


def refusal(description: str) -> HttpResponse:
    """RFC 7591, "Client Registration Error Response"."""
    answer = {"error": "invalid_client_metadata", "error_description": description}
    return JsonResponse(answer, status=400, headers={"Cache-Control": "no-store"})


def applications() -> Any:
    return get_application_model().objects.using(database())


def database() -> str:
    return router.db_for_write(get_application_model())
