"""The exceptions of this app."""

from django.core.exceptions import PermissionDenied


class OIDCSessionError(Exception):
    """What every exception of ours is."""


class InvalidClientMetadata(OIDCSessionError):
    """A member of a registration request is not to be had; the text is shown to the client."""


class DeliveryError(OIDCSessionError):
    """A request to an application brought no answer; the text has its origin, and neither path nor query."""


class NoConnection(DeliveryError):
    """The application can't be reached, closes the connection, or speaks something else than HTTP."""


class NoAnswerInTime(DeliveryError):
    """The deadline passed before the last header of the answer had come."""


class InvalidCertificate(DeliveryError):
    """The application's certificate is not one to trust for its name."""


class PrivateAddress(DeliveryError):
    """No address of the application may be connected to."""


class TooManySessions(OIDCSessionError, PermissionDenied):
    """The person has as many sessions as the project's policy allows, and this login is refused."""


class NoSigningKey(OIDCSessionError):
    """There is no key to sign a client's tokens with."""
