"""The projects of testproject where a browser finds them, each with a database of its own."""

import os
import ssl
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import trustme

from testproject.environment import of_second_rp
from tests.browser.pages import Pages
from tests.browser.pages import serving as serving_pages
from tests.servers import ROOT, answers, listening, manage, migrate, port, server

FRONTCHANNEL_LOGOUT_TIMEOUT = 3
RESOLVE = Path(__file__).parent / "resolve"


@dataclass(frozen=True)
class Site:
    """Where the provider, its two relying parties, and the pages of a test's own are."""

    op: str
    rp: str
    second_rp: str
    pages: Pages
    pages_origin: str
    op_database: Path
    authority: Path | None = None

    def discovery(self):
        """Return the provider's metadata, by an address that needs no name server."""
        parts = urlsplit(self.op)
        url = f"{parts.scheme}://localhost:{parts.port}/o/.well-known/openid-configuration"
        return requests.get(url, timeout=30, verify=self.authority or True).json()


@contextmanager
def same_site(folder):
    """Serve all on localhost: cookies and frames don't look at ports."""
    with listening() as op, listening() as rp, listening() as second, serving_pages(Pages()) as pages:
        addresses = [f"http://localhost:{port(listener)}" for listener in (op, rp, second)]
        site = Site(*addresses, pages, f"http://localhost:{pages.server_port}", folder / "op.sqlite3")
        with serving(site, folder, (op, rp, second)):
            yield site


@contextmanager
def cross_site(folder):
    """Serve each over TLS on a domain of its own, with a certificate made now."""
    authority, certificate = folder / "authority.pem", folder / "certificate.pem"
    ca = trustme.CA()
    ca.cert_pem.write_to_path(authority)
    issued = ca.issue_cert("op.test", "rp.test", "second.test", "localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(certificate)
    tls = ["--ssl-keyfile", str(certificate), "--ssl-certfile", str(certificate)]
    pages = Pages()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    pages.socket = context.wrap_socket(pages.socket, server_side=True)
    with listening() as op, listening() as rp, listening() as second, serving_pages(pages):
        named = {"op.test": op, "rp.test": rp, "second.test": second}
        addresses = [f"https://{name}:{port(listener)}" for name, listener in named.items()]
        site = Site(*addresses, pages, f"https://rp.test:{pages.server_port}", folder / "op.sqlite3", authority)
        trust = {
            "REQUESTS_CA_BUNDLE": str(authority),  # Of the relying parties.
            "SSL_CERT_FILE": str(authority),  # Of the provider, which tells them of logouts.
            "PYTHONPATH": f"{RESOLVE}{os.pathsep}{ROOT}",
        }
        with serving(site, folder, (op, rp, second), *tls, **trust):
            yield site


@contextmanager
def serving(site, folder, listeners, *options, **environment):
    first, second = environments(site, folder, environment)
    projects = {"op": ("op", first), "rp": ("rp", first), "second": ("rp", second)}
    with ExitStack() as stack:
        for (name, (project, run)), listener in zip(projects.items(), listeners, strict=True):
            migrate(project, folder / f"{name}.sqlite3")
            stack.enter_context(server(project, listener, options, run, folder / f"{name}.log"))
        manage("seed", "op", first)
        for listener in listeners:
            answers(listener, site.authority)
        yield


def environments(site, folder, more):
    """Return that of the provider and its first relying party, and that of the second one."""
    ours = {
        "OP_URL": site.op,
        "RP_URL": site.rp,
        "SECOND_RP_URL": site.second_rp,
        "DATABASE_URL": f"sqlite:///{site.op_database}",
        "RP_DATABASE_URL": f"sqlite:///{folder / 'rp.sqlite3'}",
        "OIDC_SESSION_STATUS_INTERVAL": "1",
        "OIDC_FRONTCHANNEL_LOGOUT_TIMEOUT": str(FRONTCHANNEL_LOGOUT_TIMEOUT),
    }
    first = os.environ | ours | more
    own_database = {"RP_DATABASE_URL": f"sqlite:///{folder / 'second.sqlite3'}"}
    return first, first | of_second_rp(site.second_rp, site.rp) | own_database
