import pytest

from oidc_session.private_addresses import addresses_without_dns, is_named, is_permitted, is_well_formed

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700::1111",
    "2a00:1450:4001::1",
    "3ffe:ffff:ffff::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]
OPENED_BY_NAME = [
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "::ffff:10.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::10.0.0.1",
]
OPENED_BY_NETWORK_ALONE = [
    pytest.param("169.254.169.254", id="metadata of most clouds"),
    pytest.param("169.254.170.2", id="credentials of containers"),
    pytest.param("fd00:ec2::254", id="metadata of AWS by IPv6"),
    pytest.param("fd20:ce::254", id="metadata of Google by IPv6"),
    pytest.param("100.100.100.200", id="metadata of Alibaba"),
    pytest.param("168.63.129.16", id="metadata of Azure, in a public network"),
    pytest.param("192.0.0.192", id="metadata of Oracle"),
    pytest.param("::ffff:169.254.169.254", id="metadata wrapped"),
    pytest.param("64:ff9b::169.254.169.254", id="metadata through NAT64"),
    pytest.param("64:ff9b:1::a9fe:a9fe", id="metadata through a NAT64 of one's own"),
    pytest.param("2002:a9fe:a9fe::1", id="metadata through 6to4"),
    pytest.param("2001:0:4136:e378:8000:63bf:5601:5601", id="metadata through Teredo"),
    pytest.param("::169.254.169.254", id="metadata as IPv4-compatible IPv6"),
    pytest.param("::ffff:0:169.254.169.254", id="metadata as IPv4-translated IPv6"),
    pytest.param("fe80::1", id="link-local"),
    pytest.param("fe80::1%eth0", id="link-local with its interface"),
    pytest.param("febf::1", id="end of link-local"),
    pytest.param("fec0::1", id="site-local"),
    pytest.param("0.0.0.0", id="this host"),
    pytest.param("0.1.2.3", id="this network"),
    pytest.param("::", id="unspecified"),
    pytest.param("::ffff:0.0.0.0", id="unspecified wrapped"),
    pytest.param("192.0.0.8", id="protocol assignments"),
    pytest.param("192.0.0.9", id="anycast that Python 3.13 takes for global"),
    pytest.param("192.0.2.1", id="documentation 1"),
    pytest.param("198.51.100.1", id="documentation 2"),
    pytest.param("203.0.113.1", id="documentation 3"),
    pytest.param("192.88.99.1", id="6to4 relay"),
    pytest.param("198.18.0.1", id="benchmarking"),
    pytest.param("198.19.255.255", id="end of benchmarking"),
    pytest.param("224.0.0.1", id="multicast"),
    pytest.param("239.255.255.255", id="end of multicast"),
    pytest.param("240.0.0.1", id="reserved"),
    pytest.param("255.255.255.255", id="broadcast"),
    pytest.param("ff02::1", id="multicast by IPv6"),
    pytest.param("ff0e::1", id="global multicast by IPv6"),
    pytest.param("100::1", id="discard"),
    pytest.param("2001:2::1", id="benchmarking by IPv6"),
    pytest.param("2001:10::1", id="ORCHID"),
    pytest.param("2001:1ff:ffff::1", id="end of protocol assignments"),
    pytest.param("2001:db8::1", id="documentation by IPv6"),
    pytest.param("3fff::1", id="newer documentation by IPv6"),
    pytest.param("5f00::1", id="segment routing"),
    pytest.param("1fff::1", id="before global unicast"),
    pytest.param("4000::1", id="after global unicast"),
]
NETWORKS = ["0.0.0.0/0", "::/0"]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_permitted(address):
    assert is_permitted(address, [], is_named=False)


@pytest.mark.parametrize("address", OPENED_BY_NAME)
def test_private_address_needs_a_name_or_a_network(address):
    assert not is_permitted(address, [], is_named=False)
    assert is_permitted(address, [], is_named=True)
    assert is_permitted(address, NETWORKS, is_named=False)


@pytest.mark.parametrize("address", OPENED_BY_NETWORK_ALONE)
def test_special_address_needs_a_network(address):
    assert not is_permitted(address, [], is_named=True)
    assert is_permitted(address, NETWORKS, is_named=False)


@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.0.0.0/8"),
        ("64:ff9b::10.1.2.3", "10.0.0.0/8"),
        ("169.254.169.254", "169.254.0.0/16"),
        ("fe80::1%eth0", "fe80::/10"),
        ("fd00:ec2::254", "fd00::/8"),
        ("::1", "::1"),
    ],
)
def test_network_opens_what_it_has(address, entry):
    assert is_permitted(address, ["rp.internal", entry], is_named=False)


@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("10.1.2.3", "10.1.2.4"),
        ("10.1.2.3", "11.0.0.0/8"),
        ("10.1.2.3", "::/0"),
        ("::1", "0.0.0.0/0"),
        ("10.1.2.3", "10.0.0.1/8"),  # Not well-formed.
        ("10.1.2.3", "rp.internal"),
        ("10.1.2.3", 0x0A010203),
        ("10.1.2.3", None),
    ],
)
def test_other_entries_open_nothing(address, entry):
    assert not is_permitted(address, [entry], is_named=False)


@pytest.mark.parametrize(
    ("host", "entry"),
    [
        ("rp.internal", "rp.internal"),
        ("rp.internal", "RP.Internal."),
        ("RP.internal.", "rp.internal"),
        ("rp", "rp"),
        ("my_rp", "my_rp"),
        ("rp.internal", "*.internal"),
        ("a.rp.internal", "*.internal"),
        ("a.rp.internal.", "*.RP.Internal."),
        ("xn--bcher-kva.internal", "bücher.internal"),
        ("rp.xn--bcher-kva.internal", "*.Bücher.internal"),
    ],
)
def test_list_names_a_host(host, entry):
    assert is_named(host, ["10.0.0.0/8", entry])


@pytest.mark.parametrize(
    ("host", "entry"),
    [
        ("internal", "*.internal"),
        ("rpinternal", "*.internal"),
        ("rp.notinternal", "*.internal"),
        ("rp.internal.evil.example", "*.internal"),
        ("rp.internal.evil.example", "rp.internal"),
        ("a.rp.internal", "rp.internal"),
        ("rp.internal", "*"),
        ("rp.internal", "rp.*"),
        ("rp.internal", ".internal"),
        ("rp.internal", "https://rp.internal"),
        ("rp.internal", "rp.internal:8000"),
        ("rp.internal", "user@rp.internal"),
        ("10.0.0.1", "10.0.0.1"),  # That is a network.
        ("::1", "fd00::1"),
        ("", ""),
        ("rp.internal", None),
    ],
)
def test_list_does_not_name_a_host(host, entry):
    assert not is_named(host, [entry])


@pytest.mark.parametrize(
    "entry",
    [
        "rp",
        "rp.internal",
        "rp.internal.",
        "*.internal",
        "*.a.b.internal",
        "my_rp-1.internal",
        "1.internal",
        "bücher.example",
        "localhost",
        "10.0.0.0/8",
        "10.0.0.1",
        "::1",
        "fd00::/8",
        f"{'a' * 63}.internal",
    ],
)
def test_entry_is_well_formed(entry):
    assert is_well_formed(entry)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        " ",
        "*",
        "*.",
        "**.internal",
        "*.*.internal",
        "rp.*",
        "r*.internal",
        ".internal",
        "rp..internal",
        "rp.internal..",
        "rp.internal:80",
        "rp.internal/",
        "https://rp.internal",
        "rp.internal other",
        "rp.internal\n",
        "rp\\internal",
        "rp%2einternal",
        "user@rp.internal",
        "rp.internal?",
        "rp.internal#",
        "[::1]",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0",
        "1.2.3.256",
        "*.10.0.0.1",
        "fd00::/129",
        f"{'a' * 64}.internal",
        f"rp.{'a' * 64}",
        None,
        10,
        b"rp.internal",
        ["rp.internal"],
    ],
)
def test_entry_is_not_well_formed(entry):
    assert not is_well_formed(entry)


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("10.0.0.1", ["10.0.0.1"]),
        ("10.0.0.1.", ["10.0.0.1"]),
        ("127.1", ["127.0.0.1"]),
        ("2130706433", ["127.0.0.1"]),
        ("0x7f000001", ["127.0.0.1"]),
        ("0X7F.1", ["127.0.0.1"]),
        ("017700000001", ["127.0.0.1"]),
        ("0", ["0.0.0.0"]),
        ("::1", ["::1"]),
        ("[::1]", ["::1"]),
        ("localhost", ["127.0.0.1", "::1"]),
        ("LOCALHOST.", ["127.0.0.1", "::1"]),
        ("rp.localhost", ["127.0.0.1", "::1"]),
        ("rp.example", []),
        ("notlocalhost", []),
        ("localhost.example", []),
        ("10.0.0.1.example", []),
        ("1.2.3.4.5", []),
        ("bücher", []),
        ("", []),
    ],
)
def test_address_that_needs_no_dns(host, addresses):
    assert addresses_without_dns(host) == addresses
