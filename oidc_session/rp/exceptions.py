"""What can go wrong between this site and a provider. The texts are for the log; pages show their own."""

from oidc_session.exceptions import OIDCSessionError


class RelyingPartyError(OIDCSessionError):
    """What every exception of the relying party is."""


class UnknownProvider(RelyingPartyError, KeyError):
    """OIDC_RP has no provider of that name; in templates, `request.oidc.sub` looks for one named sub first."""

    __str__ = Exception.__str__  # KeyError quotes its text.


class ProviderUnavailable(RelyingPartyError):
    """The provider does not answer, or makes no sense, for the moment: nobody is signed out for it."""

    def __init__(self, reason: str, retry_after: float = 0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class TokenRequestRefused(RelyingPartyError):
    """The token endpoint answered with an error of RFC 6749, "Error Response"."""

    def __init__(self, error: str) -> None:
        super().__init__(f"The token endpoint answered {error}.")
        self.error = error


class LoginFailed(RelyingPartyError):
    """What came back from the provider is no answer to a login of this browser."""


class LoginRefused(LoginFailed):
    """The provider answered a login with an error response."""

    def __init__(self, error: str) -> None:
        super().__init__(f"The provider answered {error}.")
        self.error = error


class AuthenticationTooOld(LoginFailed):
    """The person had to authenticate at the provider anew, or lately, and has not."""


class InvalidToken(RelyingPartyError):
    """An ID token or a logout token breaks a rule of its specification."""


class UnknownKey(InvalidToken):
    """A token is signed with none of the keys known by now."""


class UserinfoRefused(LoginFailed):
    """The provider gives no userinfo of this person, or of somebody else."""
