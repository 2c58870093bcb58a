"""What the sample provider tells of its people."""

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from oidc_session.validators import SessionOAuth2Validator
from testproject.op.faults.validator import FaultyValidatorMixin


class DemoValidator(FaultyValidatorMixin, SessionOAuth2Validator):
    oidc_claim_scope = OAuth2Validator.oidc_claim_scope | {"groups": "groups"}

    def get_additional_claims(self):
        return {
            "name": lambda request: request.user.get_full_name(),
            "given_name": lambda request: request.user.first_name,
            "family_name": lambda request: request.user.last_name,
            "preferred_username": lambda request: request.user.get_username(),
            "email": lambda request: request.user.email,
            "email_verified": lambda request: True,
            "groups": groups,
        }


def groups(request: Request) -> list[str]:
    return list(request.user.groups.order_by("name").values_list("name", flat=True))
