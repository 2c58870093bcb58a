"""The two projects of testproject as real servers, on free ports and databases of their own."""

import os
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import trustme

from tests.browser.pages import Pages
from tests.browser.pages import serving as serving_pages

ROOT = Path(__file__).parents[2]
FRONTCHANNEL_LOGOUT_TIMEOUT = 3
RESOLVE = Path(__file__).parent / "resolve"


@dataclass(frozen=True)
class Site:
    """Where the provider, the relying party, and the pages of a test's own are."""

    op: str
    rp: str
    pages: Pages
    pages_origin: str
    authority: Path | None = None

    def discovery(self):
        """Return the provider's metadata, by an address that needs no name server."""
        parts = urlsplit(self.op)
        url = f"{parts.scheme}://localhost:{parts.port}/o/.well-known/openid-configuration"
        return requests.get(url, timeout=30, verify=self.authority or True).json()


@contextmanager
def same_site(folder):
    """Serve both on localhost: cookies and frames don't look at ports."""
    with listening() as op, listening() as rp, serving_pages(Pages()) as pages:
        addresses = [f"http://localhost:{number}" for number in (port(op), port(rp), pages.server_port)]
        site = Site(addresses[0], addresses[1], pages, addresses[2])
        with serving(site, folder, op, rp):
            yield site


@contextmanager
def cross_site(folder):
    """Serve each over TLS on a domain of its own, with a certificate made now."""
    authority, certificate = folder / "authority.pem", folder / "certificate.pem"
    ca = trustme.CA()
    ca.cert_pem.write_to_path(authority)
    issued = ca.issue_cert("op.test", "rp.test", "localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(certificate)
    tls = ["--ssl-keyfile", str(certificate), "--ssl-certfile", str(certificate)]
    pages = Pages()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    pages.socket = context.wrap_socket(pages.socket, server_side=True)
    with listening() as op, listening() as rp, serving_pages(pages):
        addresses = f"https://op.test:{port(op)}", f"https://rp.test:{port(rp)}"
        site = Site(*addresses, pages, f"https://rp.test:{pages.server_port}", authority)
        trust = {"REQUESTS_CA_BUNDLE": str(authority), "PYTHONPATH": f"{RESOLVE}{os.pathsep}{ROOT}"}
        with serving(site, folder, op, rp, *tls, **trust):
            yield site


def listening():
    return socket.create_server(("127.0.0.1", 0))


def port(listener):
    return listener.getsockname()[1]


@contextmanager
def serving(site, folder, op, rp, *options, **environment):
    environment |= {
        "OP_URL": site.op,
        "RP_URL": site.rp,
        "DATABASE_URL": f"sqlite:///{folder / 'op.sqlite3'}",
        "RP_DATABASE_URL": f"sqlite:///{folder / 'rp.sqlite3'}",
        "OIDC_SESSION_STATUS_INTERVAL": "1",
        "OIDC_FRONTCHANNEL_LOGOUT_TIMEOUT": str(FRONTCHANNEL_LOGOUT_TIMEOUT),
    }
    run = os.environ | environment
    for arguments in (["migrate", "op"], ["seed", "op"], ["migrate", "rp"]):
        manage(*arguments, run)
    with ExitStack() as stack:
        for project, listener in (("op", op), ("rp", rp)):
            stack.enter_context(server(project, listener, options, run, folder / f"{project}.log"))
        for listener in (op, rp):
            answers(listener, site.authority)
        yield


def manage(command, project, environment):
    arguments = [command, "--verbosity", "0", "--settings", f"testproject.{project}.settings"]
    subprocess.run([sys.executable, "-m", "django", *arguments], cwd=ROOT, env=environment, check=True)


@contextmanager
def server(project, listener, options, environment, log):
    descriptor = listener.fileno()
    arguments = ["--fd", str(descriptor), "--log-level", "warning", "--timeout-graceful-shutdown", "1", *options]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", f"testproject.{project}.asgi:application", *arguments],
            cwd=ROOT,
            env=environment | {"DJANGO_SETTINGS_MODULE": f"testproject.{project}.settings"},
            pass_fds=[descriptor],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def answers(listener, authority):
    """Wait for the server's first answer; the socket is open already, so that the request waits and does not fail."""
    scheme = "https" if authority else "http"
    requests.get(f"{scheme}://localhost:{port(listener)}/", timeout=60, verify=authority or True)
