from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given, settings
from hypothesis import strategies as st
from urllib3.util import parse_url

from oidc_session.logout_uris import (
    CHECKS,
    check_backchannel_logout_uri,
    check_frontchannel_logout_uri,
    is_loopback,
    policy_source,
    usable_uri,
)
from oidc_session.models import ClientLogoutSettings
from oidc_session.origins import origin_of
from tests.swappable import Application

LABEL = "a" * 63
PIECES = [*"aA0.:/?#@[]\\%-_ \t\n", "https://", "rp.example", "127.", "::1", "%2e", "0x", "ü", "xn--"]


def client(client_type=Application.CLIENT_CONFIDENTIAL, redirect_uris="https://rp.example/callback"):
    return Application(client_type=client_type, redirect_uris=redirect_uris)


def public(**changes):
    return client(Application.CLIENT_PUBLIC, **changes)


@pytest.fixture
def http_allowed(provider):
    provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["https", "http"])


@pytest.mark.parametrize(
    "uri",
    [
        "https://rp.example",
        "https://rp.example/",
        "https://rp.example?a=1",
        "https://rp.example/logout?a=%C3%BC&b=(c)",
        "https://rp.example:8443/logout",
        "https://rp.example:65535/logout",
        "HTTPS://RP.Example/logout",
        "https://rp/logout",
        "https://rp_1.example/logout",
        "https://xn--gre-6ka8i.example/logout",
        "https://203.0.113.7/logout",
        "https://[2001:db8::7]:8443/logout",
        "https://rp.example/logout;a,b/~c!$&'()*+=@:",
        f"https://{LABEL}.{LABEL}.{LABEL}.{'a' * 61}/",
        "https://1.example/",
        "https://0x7f.example/",
    ],
)
def test_uri_may_be_told(uri):
    check_backchannel_logout_uri(uri, public())


@pytest.mark.parametrize(
    "uri",
    [
        # No absolute URI.
        "",
        "logout",
        "/logout",
        "//rp.example/logout",
        "rp.example/logout",
        "https:",
        "https:/rp.example/logout",
        "https:rp.example/logout",
        "https:///logout",
        "https://",
        "https://?a=1",
        # Other schemes.
        "ftp://rp.example/",
        "javascript:alert(1)",
        "javascript://rp.example/%0aalert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "my.app:/logout",
        "gopher://rp.example:25/_HELO",
        " https://rp.example/",
        # A fragment, an empty one too.
        "https://rp.example/#",
        "https://rp.example/logout#fragment",
        "https://rp.example#@evil.example/",
        # Somebody else's host behind a user name.
        "https://rp.example@evil.example/",
        "https://rp.example:443@evil.example/",
        "https://user:password@rp.example/",
        "https://@rp.example/",
        "https://rp.example:@evil.example/",
        # What one parser takes for a slash, and another does not.
        "https://rp.example\\@evil.example/",
        "https://evil.example\\.rp.example/",
        "https:\\\\rp.example/",
        "https://rp.example/\\evil.example",
        # White space and control characters, which some parsers drop.
        "https://rp.example/\n",
        "https://rp.example/\r\nX-Header: 1",
        "https://rp.example/ HTTP/1.1",
        "https://rp.ex\tample/",
        "ht\ntps://rp.example/",
        "https://rp.example/\x00",
        "https://rp.example/\x7f",
        "https://rp.example/\u2028",
        "https://rp.example/\u200b",
        # What would leave a header or an attribute.
        "https://rp.example/'\"><script>",
        "https://rp.example/`",
        "https://rp.example/{id}",
        "https://rp.example;script-src/",
        "https://rp.example,evil.example/",
        "https://*.example/",
        "https://*/",
        "https://rp.example'/",
        # Domains in other letters or with escapes.
        "https://größe.example/",
        "https://rp\u3002example/",
        "https://\uff52p.example/",
        "https://rp%2eexample/",
        "https://rp.example%2f.evil.example/",
        "https://rp.example%00.evil.example/",
        # Domains that can't be.
        "https://.example/",
        "https://rp..example/",
        "https://rp.example./",
        "https://-rp.example/",
        "https://rp-.example/",
        "https://./",
        f"https://{LABEL}a.example/",
        f"https://{LABEL}.{LABEL}.{LABEL}.{'a' * 62}/",
        # Addresses in writings that only some understand.
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0X7F.1/",
        "https://0x/",
        "https://0177.0.0.1/",
        "https://1.2.3.4.5/",
        "https://256.1.1.1/",
        "https://rp.example.1/",
        "https://[127.0.0.1]/",
        "https://[::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::g]/",
        "https://[]/",
        "https://[::1/",
        "https://::1/",
        "https://[v1.a]/",
        "https://[::1].evil.example/",
        # Ports.
        "https://rp.example:0/",
        "https://rp.example:65536/",
        "https://rp.example:99999999/",
        "https://rp.example:/",
        "https://rp.example:080/",
        "https://rp.example:+80/",
        "https://rp.example:-1/",
        "https://rp.example:\u0661/",
        "https://rp.example:80:80/",
        # Escapes that are none.
        "https://rp.example/%",
        "https://rp.example/%zz",
        "https://rp.example/%2",
        "https://rp.example/%C3%",
        "https://rp.example/[a]",
    ],
)
@pytest.mark.parametrize("name", CHECKS)
def test_uri_must_not_be_told(name, uri):
    anywhere = client(redirect_uris=f"https://rp.example/ https://evil.example/ {uri}")
    with pytest.raises(ValidationError):
        CHECKS[name](uri, anywhere)


@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_http_is_off_unless_allowed(scheme):
    with pytest.raises(ValidationError, match="must be one of: https"):
        check_backchannel_logout_uri(f"{scheme}://rp.example/", client())


def test_schemes_of_the_setting_may_be_written_in_capitals(provider):
    provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["HTTPS"])
    check_backchannel_logout_uri("https://rp.example/", client())


def test_no_setting_allows_a_scheme_without_hosts_on_the_web(provider):
    provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["javascript", "ftp"])
    for uri in ("javascript:alert(1)", "javascript://rp.example/", "ftp://rp.example/"):
        with pytest.raises(ValidationError):
            check_backchannel_logout_uri(uri, client())


@pytest.mark.usefixtures("http_allowed")
class TestWithHttp:
    def test_confidential_client_may_use_http(self):
        check_backchannel_logout_uri("http://rp.example/logout", client())

    @pytest.mark.parametrize(
        "host", ["localhost", "LocalHost", "rp.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"]
    )
    def test_public_client_may_use_http_on_loopback(self, host):
        check_backchannel_logout_uri(f"http://{host}:8001/logout", public())

    @pytest.mark.parametrize(
        "host",
        [
            "rp.example",
            "localhost.example",
            "notlocalhost",
            "localhost_",
            "127.0.0.1.example",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "[::2]",
            "[::ffff:10.0.0.1]",
            "[2001:db8::1]",
        ],
    )
    def test_public_client_must_not_use_http_elsewhere(self, host):
        with pytest.raises(ValidationError, match="only a confidential client may use http"):
            check_backchannel_logout_uri(f"http://{host}/logout", public())

    def test_public_client_may_use_https_anywhere(self):
        check_backchannel_logout_uri("https://rp.example/logout", public())


@pytest.mark.parametrize(
    ("uri", "redirect_uri"),
    [
        ("https://rp.example/logout", "https://rp.example/callback"),
        ("https://RP.example:443/logout", "https://rp.example/callback"),
        ("https://rp.example/logout", "https://rp.example:443/callback"),
        ("https://xn--gre-6ka8i.example/logout", "https://größe.example/callback"),
        ("https://127.0.0.1:8443/logout", "https://127.0.0.1:8443/callback"),
        ("https://rp.example/logout", "my.app:/callback https://other.example/ https://rp.example"),
    ],
)
def test_frontchannel_uri_has_the_origin_of_a_redirect_uri(uri, redirect_uri):
    check_frontchannel_logout_uri(uri, client(redirect_uris=redirect_uri))


@pytest.mark.parametrize(
    "redirect_uris",
    [
        "",
        "my.app:/callback",
        "https://rp.example:8443/callback",
        "http://rp.example/callback",
        "https://www.rp.example/callback",
        "https://rp.example.evil.example/callback",
        "https://*.example/callback",
        "https://evil.example/?https://rp.example/",
    ],
)
def test_frontchannel_uri_of_another_origin_is_refused(redirect_uris):
    with pytest.raises(ValidationError, match="scheme, host and port of a redirect URI"):
        check_frontchannel_logout_uri("https://rp.example/logout", client(redirect_uris=redirect_uris))


@pytest.mark.parametrize("host", ["[2001:db8::7]", "a_b.example"])
def test_frontchannel_uri_whose_host_no_policy_can_name_is_refused(host):
    with pytest.raises(ValidationError, match="a Content Security Policy can name no other"):
        check_frontchannel_logout_uri(f"https://{host}/logout", client(redirect_uris=f"https://{host}/callback"))


def test_backchannel_uri_may_be_on_another_host():
    check_backchannel_logout_uri("https://other.example/logout", client())


@pytest.mark.parametrize("name", CHECKS)
def test_what_is_refused_is_not_repeated(name):
    with pytest.raises(ValidationError) as refusal:
        CHECKS[name]("https://user:a-password@rp.example/", client())
    assert "a-password" not in str(refusal.value)


def is_refused(uri):
    try:
        check_backchannel_logout_uri(uri, public())
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("part", ["a", "a.", "a-", "/a", "%aa", "[", ":1", "0x"])
@pytest.mark.parametrize("start", ["", "https://", "https://rp.example/"])
@pytest.mark.timeout(5)
def test_reading_a_long_uri_takes_no_time(start, part):
    assert is_refused(start + part * 200_000) or start == "https://rp.example/"


def one_way(host):
    """Write an address as Python does, and leave a domain as it is."""
    return str(ip_address(host.strip("[]"))) if ":" in host else host


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("rp.example:1/a")
@example("[2001:DB8:0::1]/")
def test_accepted_uri_is_read_in_one_way_by_all(rest):
    uri = f"https://{rest}"
    if is_refused(uri):
        return
    pythons, urllib3s, browsers = urlsplit(uri), parse_url(uri), urlsplit(origin_of(uri))
    assert one_way(pythons.hostname) == one_way(urllib3s.host) == one_way(browsers.hostname)
    assert pythons.port == urllib3s.port
    assert browsers.port == (None if pythons.port == 443 else pythons.port)
    assert pythons.username is urllib3s.auth is None


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "a.localhost"])
def test_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "::1", "[127.0.0.1]", "127.1", "127.0.0.256", "xlocalhost", "localhost.example"])
def test_not_loopback(host):
    assert not is_loopback(host)


@pytest.mark.django_db
class TestUsableURI:
    @pytest.fixture
    def told(self, application):
        ClientLogoutSettings.objects.create(
            application=application,
            frontchannel_logout_uri="https://rp.example/front",
            backchannel_logout_uri="https://rp.example/back",
        )
        return Application.objects.get(pk=application.pk)

    def test_valid_one_is_used(self, told):
        assert usable_uri("frontchannel_logout_uri", told) == "https://rp.example/front"
        assert usable_uri("backchannel_logout_uri", told) == "https://rp.example/back"

    def test_application_without_settings_has_none(self, application):
        assert usable_uri("backchannel_logout_uri", application) == ""

    def test_application_with_one_has_no_other(self, told):
        told.logout_settings.frontchannel_logout_uri = ""
        assert usable_uri("frontchannel_logout_uri", told) == ""

    def test_one_that_has_become_invalid_is_not_used(self, told, provider):
        told.redirect_uris = "https://elsewhere.example/"
        assert usable_uri("frontchannel_logout_uri", told) == ""
        assert usable_uri("backchannel_logout_uri", told) == "https://rp.example/back"
        provider(OIDC_LOGOUT_URI_ALLOWED_SCHEMES=["http"])
        assert usable_uri("backchannel_logout_uri", told) == ""


# What a policy can name


@pytest.mark.parametrize(
    "uri",
    [
        "https://a;sandbox/",
        "https://a;script-src.example/",
        "https://a,default-src.example/",
        "https://*/",
        "https://*.example/",
        "https://'self'/",
        "https://a%3Bsandbox/",
        "https://a%20script-src/",
        "https://[::1]/",
        "https://$(a)/",
        "https://a_b.example/",
        "my.app:/out",
        "nonsense",
        "",
    ],
)
def test_origin_that_would_change_a_policy_is_in_none(uri):
    assert policy_source(uri) == ""


@given(st.text(st.characters(codec="ascii")))
@example("a;b/")
def test_policy_has_nothing_but_an_origin(rest):
    assert not set(policy_source(f"https://{rest}")) & set(" ;,'*\t\n")


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://RP.example:443/out?a=1", "https://rp.example"),
        ("http://localhost:8001/out", "http://localhost:8001"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
    ],
)
def test_origin_is_the_browsers(uri, origin):
    assert policy_source(uri) == origin
