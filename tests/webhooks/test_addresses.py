"""Which addresses a webhook may go to."""

import pytest

from app.webhooks.addresses import is_known_private, is_public, read_url

PUBLIC = (
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0"),
    *("198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1", "2a00:1450:4001::1", "2001:4860:4860::8888"),
    *("2003::1", "3ffe::1"),
)
# Each class of addresses with its first and its last where they can be told apart.
REFUSED = {
    "unspecified": ("0.0.0.0", "::"),  # noqa: S104 - nothing listens here
    "this network": ("0.0.0.1", "0.255.255.255"),
    "loopback": ("127.0.0.1", "127.255.255.254", "::1"),
    "private": ("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"),
    "shared (CGNAT)": ("100.64.0.0", "100.100.100.200", "100.127.255.255"),
    "link-local": ("169.254.0.0", "169.254.169.254", "169.254.255.255", "fe80::1", "fe80::1%lo", "febf:ffff::1"),
    "protocol assignments": ("192.0.0.1", "192.0.0.192", "192.0.0.255", "2001:1::1", "2001:10::1", "2001:20::1"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.255", "2001:db8::1", "3fff::1", "3fff:fff::1"),
    "benchmarking": ("198.18.0.0", "198.19.255.255", "2001:2::1"),
    "6to4 relay": ("192.88.99.1",),
    "AS112, AMT": ("192.31.196.1", "192.52.193.1", "192.175.48.1", "2620:4f:8000::1"),
    "multicast": ("224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"),
    "reserved, broadcast": ("240.0.0.1", "255.255.255.255", "4000::1", "e000::1", "100::1", "5f00::1"),
    "IPv4-mapped": ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1"),
    "IPv4-compatible": ("::127.0.0.1", "::8.8.8.8"),
    "IPv4-translated": ("::ffff:0:127.0.0.1",),
    "NAT64": ("64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1", "64:ff9b:1:ffff::1"),
    "6to4": ("2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1"),
    "Teredo": ("2001::1", "2001:0:7f00:1::", "2001:0:ffff::1"),
    "unique local": ("fc00::1", "fd00:ec2::254", "fdff::1"),
    "site-local": ("fec0::1", "feff::1"),
    "a global one on a link of this machine": ("2606:4700::1%lo",),
    "a cloud's host": ("168.63.129.16",),
    "no address": ("", "localhost", "example.com", "0x7f.1", "127.1", "2130706433", "1.1.1.1 ", "1.1.1.01"),
}
LITERALS = (
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.1", "017700000001", "127.0.0.1."),
    *("0", "10.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]", "[fd00:ec2::254]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "0xa9fea9fe", "localhost", "LOCALHOST", "localhost."),
    *("db.localhost", "printer.local", "metadata.google.internal", "router.home.arpa"),
)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_internet_is_taken(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("kind", REFUSED)
def test_every_other_class_of_addresses_is_refused(kind: str) -> None:
    assert [address for address in REFUSED[kind] if is_public(address)] == []


@pytest.mark.parametrize("host", LITERALS)
def test_a_host_that_is_known_to_be_private_is_told_without_dns(host: str) -> None:
    assert is_known_private(read_url(f"https://{host}:8443/hook", http=False))


@pytest.mark.parametrize("host", ["example.com", "8.8.8.8", "134744072", "[2606:4700::1]", "localhost.example.com"])
def test_any_other_host_is_left_to_the_moment_of_sending(host: str) -> None:
    assert not is_known_private(read_url(f"https://{host}/", http=False))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://example.com/", "https"),
        ("ftp://example.com/", "https"),
        ("example.com", "https"),
        ("//example.com/", "https"),
        ("https:///path", "host"),
        ("https:example.com", "host"),
        ("https://user:word@example.com/", "password"),
        ("https://user@example.com/", "password"),
        ("https://x\\@127.0.0.1/", "password"),
        ("https://example.com/#part", "fragment"),
        ("https://example.com:99999/", "port"),
        ("https://example.com:0/", "port"),
        ("https://ex%61mple.com/", "host"),
        ("https://a b/", "host"),
        ("https://[::1", "not a URL"),
        ("https://①②⑦.0.0.1/", "not a URL"),
        ("https://0177.0.0.1/", "not a URL"),
        ("https://example.com/\n", "not a URL"),
        (f"https://example.com/{'x' * 2_000}", "2,000"),
    ],
)
def test_a_url_that_nothing_can_be_sent_to_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_url(text, http=False)


def test_http_is_read_where_it_is_allowed() -> None:
    assert read_url("http://example.com/", http=True).scheme == "http"


def test_a_name_of_any_script_is_kept_as_dns_has_it() -> None:
    assert read_url("https://Bücher.example/ä?x=1", http=False).raw_host == b"xn--bcher-kva.example"
