import pytest

from oidc_session.delivery_target import Target, is_refused_for_certain, target_of

ALLOWED = "OIDC_BACKCHANNEL_LOGOUT_ALLOWED_PRIVATE_HOSTS"
MAP = "OIDC_BACKCHANNEL_LOGOUT_HOST_MAP"


@pytest.mark.parametrize(
    ("uri", "host", "port", "is_tls"),
    [
        ("https://rp.example/logout?x=1", "rp.example", 443, True),
        ("http://rp.example/logout", "rp.example", 80, False),
        ("HTTPS://RP.Example:443/logout", "rp.example", 443, True),
        ("https://rp.example:8443", "rp.example", 8443, True),
        ("https://bücher.example/", "xn--bcher-kva.example", 443, True),
        ("http://[::1]:8000/", "::1", 8000, False),
        ("http://rp.example:0/", "rp.example", 0, False),
    ],
)
def test_request_goes_to_the_host_of_the_uri(uri, host, port, is_tls):
    target = target_of(uri)
    assert (target.host, target.port, target.is_tls) == (host, port, is_tls)
    assert target.public_host == host


@pytest.mark.parametrize(
    ("uri", "authority"),
    [
        ("https://RP.example:443/logout", "rp.example"),
        ("http://rp.example:8000/", "rp.example:8000"),
        ("http://alice@[::1]:8000/", "[::1]:8000"),
        ("https://bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_host_header_is_of_the_origin(uri, authority):
    assert target_of(uri).public_authority == authority


@pytest.mark.parametrize(
    "uri", ["https://shop.example.org/logout", "https://SHOP.example.org:443", "https://shop.example.org?a"]
)
def test_request_goes_where_the_map_says(uri, provider):
    provider(**{MAP: {"https://Shop.example.org/": "http://shop:8000", "https://other.example.org": "http://other"}})
    assert target_of(uri) == Target("https://shop.example.org", "http://shop:8000")


@pytest.mark.parametrize(
    "uri", ["http://shop.example.org/", "https://shop.example.org:8443/", "https://a.shop.example.org/"]
)
def test_map_is_for_one_origin(uri, provider):
    provider(**{MAP: {"https://shop.example.org": "http://shop:8000"}})
    target = target_of(uri)
    assert target.origin == target.public_origin


@pytest.mark.parametrize(
    "uri", ["", "/logout", "rp.example", "ftp://rp.example/", "https://", "https://rp.example:99999/"]
)
def test_there_is_no_target_without_an_origin(uri):
    with pytest.raises(ValueError, match="no host"):
        target_of(uri)


def test_there_is_no_target_where_the_map_has_none(provider):
    provider(**{MAP: {"https://shop.example.org": "shop:8000", "nonsense": "http://shop:8000"}})
    with pytest.raises(ValueError, match="no host"):
        target_of("https://shop.example.org/")
    with pytest.raises(ValueError, match="no host"):
        target_of("nonsense")


def test_host_in_the_list_may_be_private_and_not_link_local(provider):
    provider(**{ALLOWED: ["*.internal"]})
    assert target_of("https://rp.internal/").permits("10.0.0.1")
    assert not target_of("https://rp.internal/").permits("169.254.169.254")
    assert not target_of("https://rp.example/").permits("10.0.0.1")


def test_mapped_host_may_be_private_and_not_link_local(provider):
    provider(**{MAP: {"https://shop.example.org": "http://shop:8000"}})
    assert target_of("https://shop.example.org/").permits("172.18.0.5")
    assert not target_of("https://shop.example.org/").permits("169.254.169.254")


def test_mapping_a_host_to_itself_opens_nothing(provider):
    provider(**{MAP: {"https://shop.example.org": "https://SHOP.example.org:443"}})
    assert not target_of("https://shop.example.org/").permits("10.0.0.1")


def test_network_in_the_list_is_open_to_every_host(provider):
    provider(**{ALLOWED: ["169.254.0.0/16"]})
    assert target_of("https://rp.example/").permits("169.254.169.254")
    assert not target_of("https://rp.example/").permits("10.0.0.1")


@pytest.mark.parametrize(
    "uri",
    [
        "https://10.0.0.1/logout",
        "https://127.1/",
        "https://2130706433/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://%31%32%37.0.0.1/",
        "https://127.0.0.1./",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "http://localhost:8000/",
        "http://rp.LOCALHOST./",
    ],
)
def test_private_literal_is_refused_for_certain(uri):
    assert is_refused_for_certain(uri)


@pytest.mark.parametrize("uri", ["https://rp.example/", "https://8.8.8.8/", "https://[2606:4700::1111]/", "nonsense"])
def test_others_are_not_refused_for_certain(uri):
    assert not is_refused_for_certain(uri)


@pytest.mark.parametrize("entry", ["localhost", "127.0.0.0/8", "::1"])
def test_literal_that_is_allowed_is_not_refused(entry, provider):
    provider(**{ALLOWED: [entry]})
    assert not is_refused_for_certain("http://localhost:8000/")


def test_literal_is_judged_where_the_map_leads(provider):
    provider(**{MAP: {"http://localhost": "http://rp:8000", "https://rp.example": "http://169.254.169.254"}})
    assert not is_refused_for_certain("http://localhost/")
    assert is_refused_for_certain("https://rp.example/")
