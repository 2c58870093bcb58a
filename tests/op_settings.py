"""The settings of the sample provider, with passwords and client secrets hashed fast: tests sign in all the time."""

from testproject.op.settings import *  # noqa: F403 - settings are names of a module.

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # Of databases that a provider without these settings filled.
]
