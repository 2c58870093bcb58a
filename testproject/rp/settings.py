import hashlib
import os
from urllib.parse import urlsplit

from testproject import environment
from testproject.secret_files import secret

RP_URL = environment.RP_URL
RP_ISSUER = os.environ.get("RP_ISSUER") or environment.ISSUER
RP_CLIENT_ID = os.environ.get("RP_CLIENT_ID") or environment.SAMPLE_RP_ID
RP_CLIENT_SECRET = os.environ.get("RP_CLIENT_SECRET") or environment.SAMPLE_RP_SECRET
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
    "testproject.rp",
    "testproject.look",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["testproject.rp.visitor.context"]},
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [("vendor", environment.ROOT / "node_modules" / "oidc-client-ts" / "dist" / "browser")]

# Browsers don't tell ports apart: on localhost the provider and each application have their own.
SESSION_COOKIE_NAME = f"rp_sessionid_{INSTANCE}"
CSRF_COOKIE_NAME = f"rp_csrftoken_{INSTANCE}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS_PROXY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
USE_X_FORWARDED_HOST = BEHIND_TLS_PROXY
CSRF_TRUSTED_ORIGINS = [RP_URL]

LOGGING = environment.plain_logging(RP_NAME.lower())
