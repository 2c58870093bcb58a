"""The provider behind a proxy that ends TLS, as deployment guides have it."""

from tests.process_settings import *  # noqa: F403 - settings are names of a module.

ALLOWED_HOSTS = ["*"]  # Also by the wrong name, which is what a mistake in the proxy brings.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ROOT_URLCONF = "tests.doctor.urls"
