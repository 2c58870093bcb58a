class OIDCError(Exception):
    """Something between this application and its provider; the text is fit for the visitor."""


class ProviderUnavailable(OIDCError):
    """The provider doesn't answer, or makes no sense."""


class LoginFailed(OIDCError):
    """The provider's answer to a login is not acceptable."""


class LoginRefused(OIDCError):
    """The provider answered a login with an error response."""

    def __init__(self, error: str) -> None:
        super().__init__(f"The provider answered: {error}")
        self.error = error


class InvalidToken(OIDCError):
    """A token does not say what the provider would have this application know."""


class UnknownKey(InvalidToken):
    pass
