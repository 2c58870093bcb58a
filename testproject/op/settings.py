import os
from urllib.parse import urlsplit

from testproject.environment import ISSUER, OP_URL, database, plain_logging
from testproject.op.policies import pkce_required
from testproject.secret_files import secret, signing_key

BEHIND_TLS_PROXY = OP_URL.startswith("https://")

DEBUG = True
SECRET_KEY = secret("OP_SECRET_KEY")
ALLOWED_HOSTS = [urlsplit(OP_URL).hostname, "localhost", "127.0.0.1"]
ROOT_URLCONF = "testproject.op.urls"
WSGI_APPLICATION = "testproject.op.wsgi.application"
DATABASES = {"default": database("DATABASE_URL", "op.sqlite3")}
USE_TZ = True
TIME_ZONE = "UTC"

INSTALLED_APPS = [
    "testproject.op",  # Its templates go before those of the apps below.
    "testproject.look",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "oauth2_provider",
    "oidc_session",
]
MIDDLEWARE = [
    "testproject.op.faults.middleware.fault_middleware",
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
STATIC_URL = "/static/"
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"

SESSION_COOKIE_NAME = "op_sessionid"  # Browsers don't tell ports apart: on localhost the application has its own.
CSRF_COOKIE_NAME = "op_csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS_PROXY
SESSION_COOKIE_SAMESITE = "None" if BEHIND_TLS_PROXY else "Lax"  # For prompt=none in a frame of another site.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
USE_X_FORWARDED_HOST = BEHIND_TLS_PROXY
CSRF_TRUSTED_ORIGINS = [OP_URL]

OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": ISSUER,
    "OIDC_RSA_PRIVATE_KEY": signing_key("OIDC_RSA_PRIVATE_KEY"),
    "OIDC_RSA_PRIVATE_KEYS_INACTIVE": [signing_key("OIDC_RSA_SECOND_PRIVATE_KEY")],  # Published by a fault alone.
    "OAUTH2_VALIDATOR_CLASS": "testproject.op.validators.DemoValidator",
    "OIDC_SESSION_MANAGEMENT_ENABLED": True,
    "OIDC_SESSION_MANAGEMENT_DEFAULT_SESSION_KEY": secret("OIDC_DEFAULT_SESSION_KEY"),
    "OIDC_SESSION_STATUS_INTERVAL": int(os.environ.get("OIDC_SESSION_STATUS_INTERVAL") or 60),
    "OIDC_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["client_secret_basic", "client_secret_post", "none"],
    "OIDC_FRONTCHANNEL_LOGOUT_ENABLED": True,
    "OIDC_BACKCHANNEL_LOGOUT_ENABLED": True,
    "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["127.0.0.0/8", "::1", "localhost"],
    "OIDC_FRONTCHANNEL_LOGOUT_TIMEOUT": float(os.environ.get("OIDC_FRONTCHANNEL_LOGOUT_TIMEOUT") or 5),
    "OIDC_LOGOUT_URI_ALLOWED_SCHEMES": ["https", "http"],
    "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
    "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
    "DCR_ENABLED": True,
    "DCR_REGISTRATION_PERMISSION_CLASSES": ("oauth2_provider.dcr.AllowAllDCRPermission",),
    "SCOPES": {
        "openid": "Know that it is you",
        "profile": "See your name",
        "email": "See your e-mail address",
        "groups": "See the groups you are in",
        "offline_access": "Stay connected while you are away",
    },
    "DEFAULT_SCOPES": ["openid"],
    "REQUEST_APPROVAL_PROMPT": "auto",
    "PKCE_REQUIRED": pkce_required,
    "ALLOWED_SCHEMES": ["https", "http"],
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}
if not BEHIND_TLS_PROXY:
    # oauthlib lets only https origins read a token response: without this no single-page app on http://localhost.
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

LOGGING = plain_logging("provider")
