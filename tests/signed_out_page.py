"""What a browser reads of the page after a logout."""

import html
import re

from oidc_session.models import ClientLogoutSettings, LogoutNotice
from tests.logout import ISSUER
from tests.notices import application_at

Channel, State, Problem = LogoutNotice.Channel, LogoutNotice.State, LogoutNotice.Problem

FRONT = "https://rp.example/signed-out"


def wants_a_frame(application, uri=FRONT):
    ClientLogoutSettings.objects.update_or_create(application=application, defaults={"frontchannel_logout_uri": uri})


def application_with_frame(client_id, host):
    application = application_at("", client_id, redirect_uris=f"https://{host}/callback")
    wants_a_frame(application, f"https://{host}/signed-out")
    return application


def owe(rp_session, channel=Channel.FRONTCHANNEL, state=State.UNTOLD, problem=Problem.NO_BROWSER, **fields):
    """Write a notice as the end of a session does."""
    application = rp_session.application
    about = {"application": application, "client_id": application.client_id, "iss": ISSUER, "sid": rp_session.sid}
    return LogoutNotice.objects.create(
        rp_session=rp_session, channel=channel, state=state, problem=problem, **(about | fields)
    )


def frames(response):
    """Return where the frames of the page lead, as a browser reads them."""
    sources = re.findall(r'<iframe [^>]*data-src="([^"]*)"', response.content.decode())
    return [html.unescape(source) for source in sources]


def frames_without_script(response):
    """Return where the documents in the frames lead that are there without JavaScript."""
    documents = map(html.unescape, re.findall(r'<iframe [^>]*srcdoc="([^"]*)"', response.content.decode()))
    return [html.unescape(re.fullmatch(r'<meta http-equiv=refresh content="1;url=(.*)">', one)[1]) for one in documents]


def goes_on_to(response):
    """Return where the page goes on to: by script, by itself without one, and by its link."""
    text = response.content.decode()
    found = {
        "script": re.search(r'data-next="([^"]*)"', text),
        "refresh": re.search(r'<noscript><meta http-equiv="refresh" content="\d+;url=([^"]*)"></noscript>', text),
        "link": re.search(r'<a class="button" href="([^"]*)"', text),
    }
    return {name: match and html.unescape(match[1]) for name, match in found.items()}


def policy(response):
    directives = [directive.split() for directive in response["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in directives}
