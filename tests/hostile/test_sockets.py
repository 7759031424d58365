"""Requests as no client library would send them, over a bare socket: who may do what is told from the path alone."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from app.shared.database import Database
from app.shared.settings import Settings
from tests.conftest import DATABASES, empty_store
from tests.ledger.keyed import bearer
from tests.server import free_port, served

pytestmark = pytest.mark.xdist_group("sockets")
WEBHOOKS = "/v1/webhooks"
# Forms of an address that servers and frameworks have been known to read differently (RFC 3986, 6.2; RFC 9112, 3.2).
TARGETS = (
    *("/v1/webhooks", "/v1/webhooks/", "//v1/webhooks", "/v1//webhooks", "/v1/webhooks//", "/./v1/webhooks"),
    *("/v1/x/../webhooks", "/v1/%2e%2e/v1/webhooks", "/v1/..%2fwebhooks", "/v1%2fwebhooks", "/v1/webhooks%2f"),
    *("/v1/webhooks%00", "/v1/webhooks%0a", "/v1/webhooks%0d%0a", "/v1/webhooks;x=1", "/v1/webhooks;/../companies"),
    *("/v1/webhooks?", "/v1/webhooks?x#y", "/v1/webhooks%3f", "/v1/webhooks%23", "/v1/%77ebhooks", "/%76%31/webhooks"),
    *("/V1/WEBHOOKS", "/v1/webhooks\\", "\\v1\\webhooks", "/v1\\webhooks", "/v1/webhooks%20", "/v1/webhooks."),
    *("http://localhost/v1/webhooks", "http://evil.example/v1/webhooks", "https://localhost//v1/webhooks"),
    *(
        "http://localhost/health@/v1/webhooks",
        "/health/../v1/webhooks",
        "/docs/..%2fv1/webhooks",
        "/static/../v1/webhooks",
    ),
    *(
        "/v1/webhooks/wh_0/rotate",
        "/v1/companies/../webhooks",
        "*",
        "localhost:80",
        "/v1/webhooks%E2%80%A8",
        "/v1/webhooks%ff",
    ),
)
HOSTS = (
    "localhost",
    "",
    "evil.example",
    "localhost/v1/companies?",
    "localhost:80@evil.example",
    "/health",
    "a b",
    "[::1",
    "\xff",
)
ODD_HEADERS = (
    *(
        "X-Original-URL: /health",
        "X-Rewrite-URL: /health",
        "X-Forwarded-Prefix: /v1/webhooks",
        "X-Forwarded-For: 127.0.0.1",
    ),
    *(
        "X-HTTP-Method-Override: GET",
        "X-Method-Override: HEAD",
        "Range: bytes=0-1",
        "Range: bytes=5-2,,-",
        "Range: x=0-",
    ),
    *("Authorization: Bearer", "Authorization : Bearer x", "Transfer-Encoding: identity", "Connection: Authorization"),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "get", "GeT", "TRACE", "PRI", "G\tET", "OPTIONS")


class Told(NamedTuple):
    """A reply as it came over the socket; no status where the server closed without one."""

    status: int | None
    text: str


@pytest.fixture(scope="module", params=DATABASES)
async def private_url(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[str]:
    async with empty_store(request.param, templates, postgresql_server) as url:
        yield url


@pytest.fixture(scope="module")
def port(private_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server of which nothing is public, so that nobody without a key is told anything."""
    free = free_port()
    with served(private_url, tmp_path_factory.mktemp("served"), free, public_reads="false"):
        yield free


@pytest.fixture
async def store(private_url: str) -> AsyncIterator[Database]:
    """Its store, in which the tests only make keys."""
    database = Database(Settings(database_url=private_url))
    yield database
    await database.close()


def say(port: int, request: bytes) -> Told:
    """Send bytes, and read all that comes back until the server closes, or has waited long enough for more of them."""
    read = b""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as connection,
        suppress(TimeoutError, ConnectionError),
    ):
        connection.sendall(request)
        while piece := connection.recv(65_536):
            read += piece
    first = read.partition(b"\r\n")[0].split()
    return Told(int(first[1]) if len(first) > 1 else None, read.decode("latin-1"))


def line(method: str, target: str, *headers: str, host: str = "localhost") -> bytes:
    """A request without a body, exactly as it is written here."""
    fields = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""]
    return "\r\n".join(fields).encode("latin-1")


async def test_no_form_of_an_address_shows_without_a_key_what_needs_one(port: int, store: Database) -> None:
    admin = f"Authorization: {(await bearer(store, 'admin'))['Authorization']}"
    told = say(port, line("GET", WEBHOOKS, admin))
    assert told.status == 200
    assert '{"data":[]' in told.text
    tried = 0
    reader = f"Authorization: {(await bearer(store, 'read'))['Authorization']}"
    for target in TARGETS:
        for method in METHODS:
            for host in HOSTS if method == "GET" else HOSTS[:1]:
                for key in ([], [reader]):
                    told = say(port, line(method, target, *key, host=host))
                    assert told.status is None or 300 <= told.status < 500, (method, target, host, told)
                    assert '{"data":[]' not in told.text, (method, target, host)
                    tried += 1
    print(f"{tried} requests")  # noqa: T201 - a figure of docs/reliability.md


async def test_no_header_says_who_asks_or_what_but_the_key_and_the_path(port: int, store: Database) -> None:
    for header in ODD_HEADERS:
        for target in (WEBHOOKS, "/v1/companies", "/"):
            told = say(port, line("GET", target, header))
            assert told.status in {400, 401}, (header, target, told)
    writer = f"Authorization: {(await bearer(store, 'read'))['Authorization']}"
    for header in ODD_HEADERS[:-2]:
        told = say(port, line("DELETE", "/v1/companies/openai", writer, header))
        assert told.status in {400, 401, 403}, (header, told)


async def test_no_name_that_a_host_is_given_is_an_error_of_ours(port: int, store: Database) -> None:
    """Redirects, the manifest of /reconcile and the pages of the explorer name the host that was asked."""
    key = f"Authorization: {(await bearer(store, 'read'))['Authorization']}"
    for target in ("/v1/companies/", "/reconcile", "/", "/companies", "/docs"):
        for host in HOSTS:
            told = say(port, line("GET", target, key, host=host))
            assert told.status in {200, 307, 400}, (target, host, told)


async def test_a_part_of_a_reply_is_not_more_than_the_whole(port: int, store: Database) -> None:
    key = f"Authorization: {(await bearer(store, 'admin'))['Authorization']}"
    for wanted in (
        "bytes=0-0",
        "bytes=-1",
        "bytes=0-0,2-2",
        "bytes=99-",
        "bytes=" + ",".join(["0-"] * 1_000),
        "lines=1-2",
    ):
        told = say(port, line("GET", "/v1/companies", key, f"Range: {wanted}"))
        assert told.status == 200, wanted
        told = say(port, line("GET", "/docs/swagger-ui.css", f"Range: {wanted}"))
        assert told.status in {200, 206, 400, 416}, wanted


async def test_two_requests_that_are_one_to_somebody_else_are_not_served(port: int) -> None:
    """Request smuggling (RFC 9112, 11.2): what two readers would end at different places is refused, or ends it all."""
    smuggled = f"GET {WEBHOOKS} HTTP/1.1\r\nHost: x\r\n\r\n"
    for headers in (
        ["Content-Length: 0", "Content-Length: 5"],
        [f"Content-Length: {len(smuggled)}", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Content-Length: +5"],
        ["Content-Length: 5, 5"],
        ["Transfer-Encoding : chunked"],
    ):
        told = say(port, line("POST", "/v1/match", *headers) + b"0\r\n\r\n" + smuggled.encode())
        assert '{"data":[]' not in told.text, headers
        assert told.status is None or 400 <= told.status < 500, (headers, told)


async def test_a_page_of_another_origin_is_told_nothing(port: int, store: Database) -> None:
    key = f"Authorization: {(await bearer(store, 'admin'))['Authorization']}"
    for target in ("/v1/companies", WEBHOOKS, "/reconcile", "/health", "/openapi.json", "/nothing"):
        for method, more in (("GET", []), ("OPTIONS", ["Access-Control-Request-Method: PUT"])):
            told = say(port, line(method, target, key, "Origin: https://evil.example", *more))
            assert "access-control-" not in told.text.lower(), (method, target)
