import copy
import os
import tempfile
from pathlib import Path

import dj_database_url

from tests.keys import rsa_pem

VARIANT = os.environ.get("TEST_VARIANT", "").split()
"""Whose settings: an ordinary project's; those of one that has "swapped" models, or "routed" databases, or both."""

SECRET_KEY = "only-for-the-tests"
ALLOWED_HOSTS = ["testserver", "op.example"]
DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL") or "sqlite:///test")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # In a file, because threads can't share memory.
    FOLDER = tempfile.TemporaryDirectory(prefix="oidc-session-")
    DATABASES["default"] |= {
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
        "TEST": {"NAME": f"{FOLDER.name}/default.sqlite3"},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
ROOT_URLCONF = "tests.urls"
STATIC_URL = "/static/"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "oauth2_provider",
    "oidc_session",
    "django_tasks_db",
    "oidc_session.rp",
    "oidc_session.rp.users",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "oidc_session.middleware.SessionManagementMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LOGIN_URL = "/accounts/login/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": rsa_pem(),
    "OAUTH2_VALIDATOR_CLASS": "oidc_session.validators.SessionOAuth2Validator",
    "OIDC_SESSION_MANAGEMENT_ENABLED": True,
    "OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY": "only-for-the-tests-of-signed-out-browsers",
    "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https", "my.app"],
    "SCOPES": {"openid": "Know who you are", "read": "Read", "write": "Write"},
    "DCR_ENABLED": True,
    "DCR_REGISTRATION_PERMISSION_CLASSES": ("oauth2_provider.dcr.AllowAllDCRPermission",),
    "PKCE_REQUIRED": False,
}
OIDC_RP = {"providers": {"demo": {"issuer": "https://op.example", "client_id": "rp", "client_secret": "only-tests"}}}

if "swapped" in VARIANT:
    INSTALLED_APPS.insert(0, "tests.swapped")
    AUTH_USER_MODEL = "swapped.User"
    OAUTH2_PROVIDER_APPLICATION_MODEL = "swapped.Application"
if "routed" in VARIANT:
    DATABASES["identity"] = copy.deepcopy(DATABASES["default"])
    DATABASES["identity"]["NAME"] += "_identity"
    if "TEST" in DATABASES["identity"]:
        DATABASES["identity"]["TEST"]["NAME"] += "_identity"
    DATABASE_ROUTERS = ["tests.routers.IdentityRouter"]
if not {"swapped", "routed"}.issuperset(VARIANT):
    raise ValueError(f'TEST_VARIANT must be "swapped", "routed", both or empty, not "{" ".join(VARIANT)}".')
