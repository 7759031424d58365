"""Where a webhook may go: addresses of the public internet, and nothing else (docs/webhooks.md)."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import inet_aton, inet_ntoa
from typing import Final

from httpx import URL, InvalidURL

# IANA IPv4 Special-Purpose Address Registry (RFC 6890), with multicast and what is reserved. An address of a cloud's
# machine room that looks public stands at the end: Azure's host answers there.
_REFUSED_4: Final = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",
    )
]
# Only this is assigned as global unicast (RFC 4291, 2.4). Outside of it lie loopback, IPv4 in IPv6 (compatible, mapped,
# NAT64), unique and link-local, site-local and multicast addresses.
_GLOBAL_6: Final = ip_network("2000::/3")
# Inside of it: protocol assignments with Teredo and ORCHID, documentation, 6to4, AS112, documentation again.
_REFUSED_6: Final = [
    ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]
_LOCAL_NAMES: Final = ("localhost", "local", "internal", "home.arpa")
_LONGEST_URL: Final = 2_000
_LAST_PORT: Final = 65_535


def is_public(text: str) -> bool:
    """Whether an IP address, as text, is one of the public internet; what is no address is not."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_4)
    return _is_public_6(address)


def _is_public_6(address: IPv6Address) -> bool:
    # One with a zone belongs to a link of this machine, whatever its bits say.
    bare = address.scope_id is None and address in _GLOBAL_6
    return bare and not any(address in network for network in _REFUSED_6)


def read_url(text: str, *, http: bool) -> URL:
    """The URL of a receiver; raises ValueError, with a sentence, for one that nothing can be sent to.

    Whether the addresses behind a name may be called is seen when it is sent; a literal one is known already.
    """
    try:
        url = URL(text)
    except InvalidURL as error:
        raise ValueError(f"not a URL: {error}") from None
    if url.scheme not in (("http", "https") if http else ("https",)):
        raise ValueError("the URL has to begin with https://")
    if not url.host or "%" in url.host.partition(":")[0]:
        raise ValueError("the URL names no host that could be looked up")
    if url.port is not None and not 1 <= url.port <= _LAST_PORT:
        raise ValueError(f"the port is not one of 1 to {_LAST_PORT:,}")
    if url.userinfo:
        raise ValueError("the URL carries a name or a password, which would be kept and shown: leave them out")
    if url.fragment or len(str(url)) > _LONGEST_URL:
        raise ValueError(f"the URL has a fragment, or more than {_LONGEST_URL:,} characters")
    return url


def is_known_private(url: URL) -> bool:
    """Whether a URL names, without a look at DNS, what is not on the public internet."""
    host = url.host.rstrip(".").lower()
    if host in _LOCAL_NAMES or host.endswith(tuple(f".{name}" for name in _LOCAL_NAMES)):
        return True
    literal = _literal(host)
    return literal is not None and not is_public(literal)


def _literal(host: str) -> str | None:
    """The address that a host is written as: also in the short, octal and hexadecimal ways that resolvers take."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        return inet_ntoa(inet_aton(host))
    except (OSError, ValueError):
        return None
