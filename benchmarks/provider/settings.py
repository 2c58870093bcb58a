"""A provider as small as it can be, on what CONTENDER names: dot, oidc_provider or oidc_session.

The same in everything else, so that what is measured differs by that alone. BENCHMARK_DATABASE is Django's entry of
DATABASES as JSON; BENCHMARK_KEY a file with the RSA key.
"""

import json
import os
from pathlib import Path

CONTENDER = os.environ["CONTENDER"]
IS_DOT = CONTENDER != "oidc_provider"
IS_OURS = CONTENDER == "oidc_session"

SECRET_KEY = "only-for-benchmarks"
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": json.loads(os.environ["BENCHMARK_DATABASE"])}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
ROOT_URLCONF = "benchmarks.provider.urls"
STATIC_URL = "/static/"
LOGIN_URL = "/sign-in/"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "oauth2_provider" if IS_DOT else "oidc_provider",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
LOGGING = {"version": 1, "disable_existing_loggers": True}
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": "https://op.example/o",
    "OIDC_RSA_PRIVATE_KEY": Path(os.environ["BENCHMARK_KEY"]).read_text(encoding="ascii"),
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
    "PKCE_REQUIRED": False,
    "SCOPES": {"openid": "Know who you are"},
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}
OIDC_SESSION_MANAGEMENT_ENABLE = True  # django-oidc-provider's own name, here and below.
OIDC_UNAUTHENTICATED_SESSION_MANAGEMENT_KEY = "only-for-benchmarks"
SESSION_MIDDLEWARE = {
    "oidc_provider": "oidc_provider.middleware.SessionManagementMiddleware",
    "oidc_session": "oidc_session.middleware.SessionManagementMiddleware",
}.get(CONTENDER)
if SESSION_MIDDLEWARE:
    MIDDLEWARE.append(SESSION_MIDDLEWARE)
if IS_OURS:
    INSTALLED_APPS.append("oidc_session")
    OAUTH2_PROVIDER |= {
        "OAUTH2_VALIDATOR_CLASS": "oidc_session.validators.SessionOAuth2Validator",
        "OIDC_SESSION_MANAGEMENT_ENABLED": True,
        "OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY": "only-for-benchmarks-of-signed-out-browsers",
        "OIDC_FRONTCHANNEL_LOGOUT_ENABLED": True,
        "OIDC_BACKCHANNEL_LOGOUT_ENABLED": True,
    }
