"""What is kept is sent past the app by our server: to the client it is the reply that the app would have made."""

import gzip
import re
import socket
from contextlib import ExitStack
from http.client import HTTPResponse
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from app.shared.database import Database
from tests.factories import company, put
from tests.server import asking, free_port, served

RECORD = b"/v1/companies/openai"
PATHS = (
    RECORD,
    b"/v1/companies?limit=2",
    b"/v1/companies?format=csv",
    b"/v1/companies/openai/dependencies?format=svg&as_of=2025-01-01",
    b"/companies/openai?as_of=2025-01-01",
    b"/v1/companies/nobody",
)
OF_ONE = {"date", "x-request-id", "transfer-encoding", "content-length"}
"""What may differ: the last two say where a reply ends, which its content shows."""

Shown: TypeAlias = tuple[int, bytes, dict[str, str]]
Asked: TypeAlias = list[tuple[bytes, str]]
"""Requests as they go over the wire, with their methods."""


def request(path: bytes, *lines: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    """A request as it goes over the wire."""
    header = b"".join(b"%b\r\n" % line for line in (b"Host: dealgraph.example", *lines))
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, path, version, header)


class Wire(BytesIO):
    """What came of a connection, of which one reply is read after the other."""

    def makefile(self, _: str) -> "Wire":
        """Itself, as a socket has a file."""
        return self

    def close(self) -> None:
        """Leave what is left to the next."""


def reply_from(one: socket.socket | Wire, method: str) -> Shown:
    """The next reply, to a request of a method, but for what is of one request alone."""
    reply = HTTPResponse(one, method=method)  # type: ignore[arg-type] # it needs no more of a socket than its file
    reply.begin()
    content = reply.read()
    reply.close()
    if reply.getheader("Content-Encoding"):
        # It holds the time at which it was packed.
        content = gzip.decompress(content)
    content = re.sub(rb'"request_id":"[0-9a-f]+"', b"", content)
    headers = {name.lower(): value for name, value in reply.getheaders()}
    return reply.status, content, {name: headers[name] for name in headers.keys() - OF_ONE}


def asked_of(path: bytes, tag: bytes) -> Asked:
    """The requests for a path that one connection takes, the last of which ends it."""
    return [
        (request(path), "GET"),
        (request(path), "GET"),
        (request(path, method=b"HEAD"), "HEAD"),
        (request(path, b"If-None-Match: " + tag), "GET"),
        (request(path, b"Accept-Encoding: gzip"), "GET"),
        (request(path, b"Content-Length: 2") + b"{}", "GET"),
        (request(path, b"Connection: close"), "GET"),
    ]


def said(port: int, asked: Asked, *, at_once: bool) -> list[Shown]:
    """What a server replies, to requests one by one or sent together; it closes the connection after the last."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        if at_once:
            one.sendall(b"".join(text for text, _ in asked))
            wire = Wire(b"".join(iter(lambda: one.recv(65_536), b"")))
            return [reply_from(wire, method) for _, method in asked]
        told = []
        for text, method in asked:
            one.sendall(text)
            told.append(reply_from(one, method))
        assert one.recv(1) == b""
    return told


async def test_a_kept_reply_is_to_its_client_what_the_app_would_have_made(article: Database, tmp_path: Path) -> None:
    url = article.writer.url.render_as_string(hide_password=False)
    keeping, making = free_port(), free_port()
    with served(url, tmp_path, keeping), served(url, tmp_path, making, kept_bytes=0):
        for path in PATHS:
            with asking(making) as client:
                tag = client.get(path.decode(), headers={"Host": "dealgraph.example"}).headers.get("etag", '"none"')
            asked = asked_of(path, tag.encode())
            expected = said(making, asked, at_once=False)
            assert expected[0][0] == (404 if b"nobody" in path else 200)
            assert said(keeping, asked, at_once=False) == expected, path
            many = asked[:-1] * 20 + asked[-1:]
            assert said(keeping, many, at_once=True) == expected[:-1] * 20 + expected[-1:], path
            old = [(request(path, version=b"1.0"), "GET")]
            assert said(keeping, old, at_once=False) == said(making, old, at_once=False), path
        with asking(keeping) as client:
            figures = client.get("/metrics").text
    assert "dealgraph_kept_answers " in figures


async def test_nothing_kept_is_sent_past_a_limit_or_a_full_server(
    store: Database, store_url: str, tmp_path: Path
) -> None:
    port = free_port()
    await put(store, companies=[company("openai")])
    with served(store_url, tmp_path, port, rate_limit="3/minute"), asking(port) as client:
        assert [client.get(RECORD.decode()).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    with served(store_url, tmp_path, port, max_connections=10), asking(port) as client, ExitStack() as open_ones:
        assert [client.get(RECORD.decode()).status_code for _ in range(2)] == [200, 200]
        client.close()
        for _ in range(10):
            stream = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            stream.sendall(request(b"/v1/changes/stream"))
            assert b"text/event-stream" in stream.recv(65_536)
        assert said(port, [(request(RECORD), "GET")], at_once=False)[0][0] == 503
