"""One request: to a checked address or not at all, and never for longer than it may take."""

import ssl
from collections.abc import Iterable, Sequence

import anyio
import httpcore
import pytest
from httpx import URL

from app.webhooks import sending
from app.webhooks.sending import Outcome, Resolve, Sender, resolve
from tests.webhooks.receiver import DROP, ENDLESS, HANG, receiving
from tests.webhooks.test_addresses import LITERALS, REFUSED

GOOD, OTHER, BAD = "8.8.8.8", "2606:4700::1", "127.0.0.1"
BODY = b'{"type":"contracts.created"}'


class Stream(httpcore.AsyncMockStream):
    """A connection that answers 204, and notes what TLS was asked for."""

    def __init__(self) -> None:
        super().__init__([b"HTTP/1.1 204 No Content\r\n\r\n"])
        self.written = b""
        self.tls: tuple[str | None, bool, ssl.VerifyMode] | None = None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - httpcore's
        self.written += buffer

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the same
    ) -> httpcore.AsyncNetworkStream:
        self.tls = (server_hostname, ssl_context.check_hostname, ssl_context.verify_mode)
        return self


class Sockets(httpcore.AsyncNetworkBackend):
    """Where connections would be made: counts them, and refuses those to some addresses."""

    def __init__(self, refusing: Sequence[str] = ()) -> None:
        self.connected: list[tuple[str, int]] = []
        self.stream, self._refusing = Stream(), refusing

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the same
        local_address: str | None = None,  # noqa: ARG002 - the same
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append((host, port))
        if host in self._refusing:
            raise httpcore.ConnectError("refused")
        return self.stream


def resolving(*answers: Sequence[str]) -> Resolve:
    """A resolver that gives each answer once, in turn."""
    left = list(answers)

    async def answer(_host: str, _port: int) -> Sequence[str]:
        return left.pop(0)

    return answer


async def sent(sockets: Sockets, resolver: Resolve, url: str = "https://example.com/hook") -> Outcome:
    """Send to a URL through sockets that are none."""
    return await Sender(inner=sockets, resolver=resolver).post(URL(url), {"webhook-id": "msg_1"}, BODY)


@pytest.mark.parametrize("address", [one for kind in REFUSED.values() for one in kind])
async def test_a_name_that_resolves_to_any_address_but_a_public_one_is_never_connected_to(address: str) -> None:
    sockets = Sockets()
    for answer in ([address], [GOOD, address], [address, OTHER]):
        outcome = await sent(sockets, resolving(answer))
        assert (outcome.status, outcome.delivered) == (None, False)
        assert "not an address of the public internet" in (outcome.error or "")
    assert sockets.connected == []


@pytest.mark.parametrize("host", LITERALS)
async def test_no_spelling_of_a_private_address_is_connected_to(host: str) -> None:
    """With the system's own resolver, which knows them all; names that it has to ask others for are left out."""
    if host.endswith((".local", ".internal", ".arpa")):
        host = "localhost"
    sockets = Sockets()
    outcome = await sent(sockets, resolve, f"https://{host}/hook")
    assert outcome.error
    assert sockets.connected == []


async def test_a_name_is_resolved_once_and_the_connection_is_to_what_was_judged() -> None:
    sockets = Sockets()
    resolver = resolving([GOOD], [BAD])
    assert (await sent(sockets, resolver)).delivered
    assert sockets.connected == [(GOOD, 443)]
    assert "not an address" in str((await sent(sockets, resolver)).error)
    assert sockets.connected == [(GOOD, 443)]


async def test_a_second_request_resolves_anew_since_no_connection_is_kept() -> None:
    sockets = Sockets()
    sender = Sender(inner=sockets, resolver=resolving([GOOD], [BAD]))
    first = await sender.post(URL("https://example.com/"), {}, BODY)
    sockets.stream = Stream()
    second = await sender.post(URL("https://example.com/"), {}, BODY)
    assert (first.delivered, second.delivered) == (True, False)
    assert sockets.connected == [(GOOD, 443)]


async def test_the_name_stays_in_tls_and_in_the_host_header() -> None:
    sockets = Sockets()
    await sent(sockets, resolving([GOOD]), "https://Bücher.example:8443/hook?a=b")
    assert sockets.connected == [(GOOD, 8443)]
    assert sockets.stream.tls == ("xn--bcher-kva.example", True, ssl.CERT_REQUIRED)
    head, _, body = sockets.stream.written.partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /hook?a=b HTTP/1.1"
    assert b"Host: xn--bcher-kva.example:8443" in head.splitlines()
    assert head.lower().count(b"host:") == 1
    assert body == BODY


async def test_where_one_address_does_not_answer_the_next_is_tried() -> None:
    sockets = Sockets(refusing=[OTHER])
    assert (await sent(sockets, resolving([OTHER, GOOD]))).delivered
    assert sockets.connected == [(OTHER, 443), (GOOD, 443)]


async def test_a_name_that_nobody_knows_is_an_error_and_no_exception() -> None:
    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    assert "cannot be resolved" in str((await sent(Sockets(), unknown)).error)
    assert "no address" in str((await sent(Sockets(), resolving([]))).error)


async def test_a_resolver_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hanging(_host: str, _port: int) -> Sequence[str]:
        await anyio.sleep_forever()
        raise AssertionError

    monkeypatch.setattr(sending, "CONNECT_SECONDS", 0.01)
    assert "ConnectTimeout" in str((await sent(Sockets(), hanging)).error)


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        sockets = Sockets()
        for scheme in ("http", "https"):
            await sent(sockets, resolving([GOOD]), f"{scheme}://example.com/")
        assert proxy.connections == 0
    assert [host for host, _ in sockets.connected] == [GOOD, GOOD]


async def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    async with receiving() as elsewhere, receiving([(307, {"Location": elsewhere.url})]) as receiver:
        outcome = await Sender(allow_private=True).post(URL(receiver.url), {}, BODY)
        assert (outcome.status, outcome.delivered) == (307, False)
        assert elsewhere.connections == 0


async def test_a_reply_is_not_read_past_its_head() -> None:
    async with receiving([ENDLESS]) as receiver:
        outcome = await Sender(allow_private=True).post(URL(receiver.url), {"webhook-id": "msg_1"}, BODY)
        assert outcome.delivered
        assert receiver.received[0].body == BODY


@pytest.mark.parametrize(("answer", "error"), [(HANG, "no reply within"), (DROP, "RemoteProtocolError")])
async def test_a_receiver_that_hangs_or_hangs_up_is_an_error(
    monkeypatch: pytest.MonkeyPatch, answer: str, error: str
) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.2)
    async with receiving([answer]) as receiver:
        outcome = await Sender(allow_private=True).post(URL(receiver.url), {}, BODY)
    assert outcome.status is None
    assert error in str(outcome.error)


async def test_a_receiver_that_is_not_there_is_an_error() -> None:
    async with receiving() as receiver:
        url = URL(receiver.url)
    assert "ConnectError" in str((await Sender(allow_private=True).post(url, {}, BODY)).error)


@pytest.mark.parametrize(("given", "seconds"), [("120", 120), ("soon", 0), ("-1", 0), ("9" * 30, 0), ("", 0)])
async def test_retry_after_is_read_in_seconds(given: str, seconds: int) -> None:
    async with receiving([(503, {"Retry-After": given})]) as receiver:
        assert (await Sender(allow_private=True).post(URL(receiver.url), {}, BODY)).retry_after == seconds
