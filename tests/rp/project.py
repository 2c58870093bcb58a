"""A small site of its own, as a process: a relying party without django-oauth-toolkit.

    python -m tests.rp.project ISSUER [OPTIONS AS JSON] COMMAND ...

Its database is the one at DATABASE_URL, its cache the directory at CACHE_DIR, both from the environment.
"""

import json
import os
import sys
from pathlib import Path

MISSING = ("oauth2_provider", "oauthlib")


class NotInstalled:
    """Makes what a project may lack impossible to import."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in MISSING:
            raise ModuleNotFoundError(f"{name} is not installed here.", name=name)


def configure(issuer, **options):
    import dj_database_url
    from django.conf import settings

    settings.configure(
        SECRET_KEY="only-for-the-tests-of-a-site-of-its-own",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tests.rp.urls",
        DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"])},
        CACHES={
            "default": {
                "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
                "LOCATION": os.environ["CACHE_DIR"],
            }
        },
        INSTALLED_APPS=["django.contrib.staticfiles", "oidc_session.rp"],
        STATIC_URL="/static/",
        MIDDLEWARE=[
            "django.middleware.csrf.CsrfViewMiddleware",
            "oidc_session.rp.middleware.RelyingPartyMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "DIRS": [Path(__file__).parents[1] / "templates"],
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        USE_TZ=True,
        OIDC_RP={
            "providers": {"demo": {"issuer": issuer, "client_id": "rp", "client_secret": "only-tests"}},
            **options,
        },
    )


def serve():
    """Serve on a free port of 127.0.0.1, which is printed, by threads, until the input ends."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    print(server.server_port, flush=True)
    server.serve_forever()


def serve_async():
    """Serve on a free port of 127.0.0.1, which is printed, by an event loop."""
    import socket

    import uvicorn
    from django.core.asgi import get_asgi_application

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(get_asgi_application(), lifespan="off", log_level="error", timeout_graceful_shutdown=1)
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[listener])


SERVERS = {"serve": serve, "serve-async": serve_async}


def main(issuer, options, *command):
    sys.meta_path.insert(0, NotInstalled())
    configure(issuer, **json.loads(options))
    if command[0] in SERVERS:
        return SERVERS[command[0]]()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *command])


if __name__ == "__main__":
    main(*sys.argv[1:])
