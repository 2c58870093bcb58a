"""The applications that are registered: whether browsers and back-channel logout reach them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from oidc_session import deploy_checks
from oidc_session.conf import conf
from oidc_session.doctor.findings import Finding, error, warning
from oidc_session.doctor.site import Site
from oidc_session.exceptions import DeliveryError, InvalidCertificate, PrivateAddress
from oidc_session.guarded_http import reach
from oidc_session.models import ClientLogoutSettings
from oidc_session.origins import origin_of, same_site

AT_ONCE = 16


def sites(site: Site) -> Iterator[Finding]:
    """Name the relying parties whose pages are of another site, where browsers may withhold the iframe's cookie."""
    if not conf.SESSION_MANAGEMENT_ENABLED:
        return
    own = origin_of(site.issuer) or ""
    others = sorted(origin for origin in deploy_checks.origins_of_clients() if not same_site(origin, own))
    if others:
        yield warning(
            f"of other sites than {own}: {deploy_checks.some_of(others)}",
            "Serve them below the provider's domain, or give them a back-channel logout URI: browsers that block"
            " third-party cookies leave their iframe without an answer.",
        )


def backchannel_uris(site: Site) -> Iterator[Finding]:
    """Connect to each server that is to be told of logouts, and send it nothing."""
    if not conf.BACKCHANNEL_LOGOUT_ENABLED:
        return
    uris = ClientLogoutSettings.objects.exclude(backchannel_logout_uri="").values_list(
        "backchannel_logout_uri", flat=True
    )
    origins = sorted({origin for uri in uris if (origin := origin_of(uri))})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for origin, failure in zip(origins, pool.map(_failure, origins), strict=True):
            if failure:
                yield _finding(origin, failure)


QUESTIONS = (sites, backchannel_uris)


def _failure(origin: str) -> DeliveryError | None:
    try:
        reach(origin, conf.BACKCHANNEL_LOGOUT_TIMEOUT)
    except DeliveryError as failure:
        return failure
    return None


def _finding(origin: str, failure: DeliveryError) -> Finding:
    parts = urlsplit(origin)
    if isinstance(failure, PrivateAddress):
        return error(
            f"{origin} has a private address, and is not told",
            f'Write in OAUTH2_PROVIDER: "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS": ["{parts.hostname}"].',
        )
    if isinstance(failure, InvalidCertificate):
        return error(
            str(failure),
            f"Serve at {parts.netloc} a certificate for its name, with the whole chain. An authority of your own is"
            " trusted by the environment of the server: SSL_CERT_FILE=/path/to/authorities.pem.",
        )
    return warning(
        str(failure),
        f"Open the way from this machine to {parts.netloc}, or say where the application is inside: in OAUTH2_PROVIDER"
        f' "OIDC_BACKCHANNEL_LOGOUT_HOST_MAP": {{"{origin}": "http://inside:8000"}}.',
    )
