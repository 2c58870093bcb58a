import hashlib
import os
from urllib.parse import urlsplit

from testproject import environment
from testproject.secret_files import secret

RP_URL = environment.RP_URL
RP_ISSUER = os.environ.get("RP_ISSUER") or environment.ISSUER
RP_CLIENT_ID = os.environ.get("RP_CLIENT_ID") or environment.SAMPLE_RP_ID
RP_CLIENT_SECRET = os.environ.get("RP_CLIENT_SECRET") or environment.SAMPLE_RP_SECRET
RP_SCOPE = os.environ.get("RP_SCOPE") or "openid profile email groups"
RP_NAME = os.environ.get("RP_NAME") or "Sample application"
RP_COLOUR = os.environ.get("RP_COLOUR") or "teal"
OTHER_RP_URL = os.environ.get("OTHER_RP_URL") or environment.SECOND_RP_URL
INSTANCE = hashlib.sha256(RP_CLIENT_ID.encode()).hexdigest()[:8]
BEHIND_TLS_PROXY = RP_URL.startswith("https://")

DEBUG = True
SECRET_KEY = secret("RP_SECRET_KEY") + INSTANCE
ALLOWED_HOSTS = [urlsplit(RP_URL).hostname, "localhost", "127.0.0.1"]
ROOT_URLCONF = "testproject.rp.urls"
WSGI_APPLICATION = "testproject.rp.wsgi.application"
DATABASES = {"default": environment.database("RP_DATABASE_URL", "rp.sqlite3")}
USE_TZ = True
TIME_ZONE = "UTC"

INSTALLED_APPS = [
    "testproject.rp",  # Its templates go before those of the apps below.
    "testproject.look",
    "django.contrib.staticfiles",
    "oidc_session.rp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "oidc_session.rp.middleware.RelyingPartyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "testproject.rp.context.application",
                "testproject.rp.context.person",
            ]
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [("vendor", environment.ROOT / "node_modules" / "oidc-client-ts" / "dist" / "browser")]

OIDC_RP = {
    "providers": {
        "demo": {
            "issuer": RP_ISSUER,
            "client_id": RP_CLIENT_ID,
            "client_secret": RP_CLIENT_SECRET,
            "scope": RP_SCOPE,
            "redirect_uri": f"{RP_URL}/oidc/demo/callback/",
            "post_logout_redirect_uri": f"{RP_URL}/",
            "userinfo": os.environ.get("RP_USERINFO") or "off",
            "groups_claim": os.environ.get("RP_GROUPS_CLAIM") or "groups",
        }
    },
    "read_timeout": float(os.environ.get("RP_READ_TIMEOUT") or 10),
    "cookie_name": f"oidc_rp_{INSTANCE}",  # Browsers don't tell ports apart: each application has its own.
}
CSRF_COOKIE_NAME = f"rp_csrftoken_{INSTANCE}"
CSRF_COOKIE_SECURE = BEHIND_TLS_PROXY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
USE_X_FORWARDED_HOST = BEHIND_TLS_PROXY
CSRF_TRUSTED_ORIGINS = [RP_URL]

LOGGING = environment.plain_logging(RP_NAME.lower())
