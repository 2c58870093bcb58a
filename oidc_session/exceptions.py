"""The exceptions of this app."""


class OIDCSessionError(Exception):
    """What every exception of ours is."""


class InvalidClientMetadata(OIDCSessionError):
    """A member of a registration request is not to be had; the text is shown to the client."""
