"""Sends one request to one checked address: no redirect, no proxy, no second look at DNS.

The names of a URL are resolved here, every address is judged, and the connection is made to one that was judged. The
name still stands in Host and in TLS, so a certificate is checked as ever.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from socket import SOCK_STREAM
from ssl import SSLContext
from typing import Final

import anyio
import httpcore
from httpcore import AsyncNetworkBackend, AsyncNetworkStream
from httpx import URL

from app.webhooks.addresses import is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and a port to IP addresses, as text."""

CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 15.0
_AT_ONCE: Final = 100


class AddressRefused(httpcore.ConnectError):
    """The host is not on the public internet, at least not with all of its addresses."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended: the status that came back, or why none did. ``retry_after`` is in seconds."""

    status: int | None = None
    error: str | None = None
    retry_after: int = 0

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, 15.3


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver, which reads every spelling of an address. Raises OSError where nothing is found."""
    found = await anyio.getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedBackend(AsyncNetworkBackend):
    """Connects to addresses that it resolved and judged itself."""

    def __init__(self, inner: AsyncNetworkBackend, resolver: Resolve, *, allow_private: bool) -> None:
        self._inner, self._resolve, self._allow_private = inner, resolver, allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first that answers; raises AddressRefused, before any connection, if one is private."""
        try:
            with anyio.fail_after(timeout):
                addresses = await self._checked(host, port)
                return await self._first(addresses, port, local_address, socket_options)
        except TimeoutError:
            raise httpcore.ConnectTimeout("no connection in time") from None

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name cannot be resolved") from error
        private = [address for address in addresses if not is_public(address)]
        if private and not self._allow_private:
            raise AddressRefused(f"{private[0]} is not an address of the public internet")
        if not addresses:
            raise httpcore.ConnectError("the name has no address")
        return addresses

    async def _first(
        self,
        addresses: Sequence[str],
        port: int,
        local_address: str | None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None,
    ) -> AsyncNetworkStream:
        *others, last = addresses
        for address in others:
            try:
                return await self._inner.connect_tcp(address, port, None, local_address, socket_options)
            except httpcore.ConnectError:
                continue
        return await self._inner.connect_tcp(last, port, None, local_address, socket_options)


class Sender:
    """Sends webhooks; each request is a connection of its own, so that each is to an address judged just then."""

    def __init__(
        self, *, allow_private: bool = False, resolver: Resolve = resolve, inner: AsyncNetworkBackend | None = None
    ) -> None:
        self._backend = CheckedBackend(inner or httpcore.AnyIOBackend(), resolver, allow_private=allow_private)

    @cached_property
    def _pool(self) -> httpcore.AsyncConnectionPool:
        # httpcore knows no redirects and reads no proxy from the environment.
        return httpcore.AsyncConnectionPool(
            ssl_context=_tls(), network_backend=self._backend, max_connections=_AT_ONCE, max_keepalive_connections=0
        )

    async def post(self, url: URL, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send a body. Raises nothing that the receiver or the network can cause."""
        try:
            with anyio.fail_after(TOTAL_SECONDS):
                return await self._post(url, headers, body)
        except TimeoutError:
            return Outcome(error=f"no reply within {TOTAL_SECONDS:.0f} s")
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            return Outcome(error=_said(error))

    async def _post(self, url: URL, headers: Mapping[str, str], body: bytes) -> Outcome:
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        sent = [("Host", url.netloc.decode()), ("Content-Length", str(len(body))), *headers.items()]
        timeouts = {"timeout": {"connect": CONNECT_SECONDS}}
        # Of the reply only the status counts: its content is never read.
        async with self._pool.stream("POST", target, headers=sent, content=body, extensions=timeouts) as reply:
            return Outcome(status=reply.status, retry_after=_retry_after(reply.headers))


@cache
def _tls() -> SSLContext:
    """Checks certificates and names. Made once, when it is needed: reading the authorities takes 20 ms."""
    return httpcore.default_ssl_context()


def _retry_after(headers: Sequence[tuple[bytes, bytes]]) -> int:
    given = next((value for name, value in headers if name.lower() == b"retry-after"), b"")
    return int(given) if given.isdigit() and len(given) < 10 else 0  # noqa: PLR2004 - more is no delay


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200].removesuffix(": ")
