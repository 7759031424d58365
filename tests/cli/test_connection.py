"""Clients that keep a server waiting, over raw sockets: they are dropped, and nobody else is kept out."""

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from app.cli.connection import MAX_HEADER
from app.shared.json import loads_own
from tests.server import asking, free_port, served

SECONDS = 1.0
"""How long a client may keep this server waiting."""
HONEST = 5.0
"""How long an honest client may have to wait meanwhile; it takes some ms where the machine does nothing else."""
TRICKLING = 350
FEW = 20

pytestmark = pytest.mark.faults

GET = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
SLOW_HEADER = b"GET /health HTTP/1.1\r\nHost: a\r\nX: "
SLOW_BODY = b"POST /v1/match HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
UNREAD = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 4
STREAM = b"GET /v1/changes/stream HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of a server with little patience."""
    folder, port = tmp_path_factory.mktemp("patience"), free_port()
    store = f"sqlite:///{folder / 'store.db'}"
    with served(store, folder, port, client_timeout_ms=int(SECONDS * 1_000), max_connections=600):
        yield port


def connected(port: int, first: bytes = b"") -> socket.socket:
    """A connection that takes in little at a time, and what it says first."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    one.connect(("127.0.0.1", port))
    one.sendall(first)
    return one


def with_length(length: int) -> bytes:
    """The header of a request with a body of some bytes, which is the last of its connection."""
    return SLOW_BODY.replace(b"1000\r\n", b"%d\r\nConnection: close\r\n" % length)


def what_comes(one: socket.socket, seconds: float = 10 * SECONDS) -> bytes:
    """What a server says until it closes."""
    one.settimeout(seconds)
    said = b""
    try:
        while some := one.recv(65_536):
            said += some
    except ConnectionResetError:
        pass
    return said


def problem_of(said: bytes) -> tuple[int, dict[str, object]]:
    """The status of a reply, and its problem details."""
    header, _, body = said.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in header
    assert b"connection: close" in header.lower()
    return int(header.split(b" ")[1]), loads_own(body.decode())


def is_closed(one: socket.socket) -> bool:
    """Whether the server has closed a connection, though there is more to read: it refuses what is sent then."""
    try:
        one.send(b"a", socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return False


def size_of_the_description(port: int) -> int:
    """How many bytes the largest reply that needs no store has."""
    with asking(port) as client:
        return len(client.get("/openapi.json").content)


def trickle(clients: Sequence[socket.socket], until: Callable[[], bool]) -> None:
    """Send a byte on each connection that is open, again and again."""
    while not until():
        for one in clients:
            try:
                one.send(b"a", socket.MSG_DONTWAIT)
            except OSError:
                continue
        time.sleep(SECONDS / 10)


def open_ones(clients: Sequence[socket.socket]) -> int:
    """How many connections the server has not closed."""
    with selectors.DefaultSelector() as selector:
        for one in clients:
            selector.register(one, selectors.EVENT_READ)
        readable = {key.fileobj for key, _ in selector.select(0)}
    return sum(1 for one in clients if one not in readable)


@pytest.mark.parametrize("first", [b"", SLOW_HEADER, SLOW_BODY])
def test_350_trickling_connections_do_not_stay_open_nor_keep_others_out(port: int, first: bytes) -> None:
    slow = [connected(port, first) for _ in range(TRICKLING)]
    took: list[float] = []
    give_up = time.monotonic() + 20 * SECONDS
    with asking(port) as honest:

        def enough() -> bool:
            began = time.monotonic()
            assert honest.get("/health").status_code == 200
            took.append(time.monotonic() - began)
            return open_ones(slow) == 0 or began > give_up

        trickle(slow if first else (), enough)
    assert open_ones(slow) == 0
    assert max(took) < HONEST
    replies = [what_comes(one) for one in slow]
    for one in slow:
        one.close()
    assert {problem_of(said)[0] for said in replies if said} <= {408}
    assert all(replies) if first else not any(replies)


def test_a_client_that_does_not_read_its_reply_is_dropped(port: int) -> None:
    unread = [connected(port, UNREAD) for _ in range(FEW)]
    whole = 4 * size_of_the_description(port)
    give_up = time.monotonic() + 60 * SECONDS
    while not all(map(is_closed, unread)):
        assert time.monotonic() < give_up
        time.sleep(SECONDS / 10)
    for one in unread:
        assert len(what_comes(one)) < whole
        one.close()


def test_a_client_that_reads_slowly_gets_all_of_its_reply(port: int) -> None:
    whole = size_of_the_description(port)
    one = connected(port, UNREAD.partition(b"\r\n\r\n")[0] + b"\r\nConnection: close\r\n\r\n")
    one.settimeout(SECONDS)
    got, began = 0, time.monotonic()
    while some := one.recv(max(whole // 60, 1)):
        got += len(some)
        time.sleep(SECONDS / 15)
    one.close()
    assert got > whole
    assert time.monotonic() - began > 2 * SECONDS


def test_a_body_that_comes_slowly_but_comes_is_taken(port: int) -> None:
    body = b'{"names": ["acme"' + b" " * 4_000 + b"]}"
    one = connected(port, with_length(len(body)))
    for start in range(0, len(body), 400):
        one.sendall(body[start : start + 400])
        time.sleep(SECONDS / 4)
    assert what_comes(one).startswith(b"HTTP/1.1 200 ")
    one.close()


def test_a_stream_that_is_quiet_lives_on(port: int) -> None:
    one = connected(port, STREAM)
    time.sleep(4 * SECONDS)
    one.settimeout(SECONDS)
    assert b"text/event-stream" in one.recv(65_536)
    assert open_ones([one]) == 1
    one.close()


def test_many_requests_on_one_connection_have_the_whole_time_each(port: int) -> None:
    one = connected(port)
    for _ in range(10):
        for part in (GET[:10], GET[10:]):
            one.sendall(part)
            time.sleep(SECONDS / 4)
        assert one.recv(65_536).startswith(b"HTTP/1.1 200 ")
    one.close()


def test_a_client_that_asks_no_more_is_dropped(port: int) -> None:
    one = connected(port, GET)
    assert one.recv(65_536).startswith(b"HTTP/1.1 200 ")
    began = time.monotonic()
    assert what_comes(one) == b""
    assert SECONDS / 2 < time.monotonic() - began < 3 * SECONDS
    one.close()


@pytest.mark.parametrize("pieces", [1, 50])
def test_a_header_without_end_is_refused(port: int, pieces: int) -> None:
    one = connected(port, SLOW_HEADER)
    for _ in range(pieces):
        one.sendall(b"a" * (MAX_HEADER // pieces + 1))
        time.sleep(0)
    status, said = problem_of(what_comes(one))
    one.close()
    assert (status, said["title"]) == (431, "Request header fields too large")


def test_a_large_body_behind_a_small_header_is_no_large_header(port: int) -> None:
    body = b'{"names": ["acme"' + b" " * (2 * MAX_HEADER) + b"]}"
    for cut in (0, 1, 2, 3, 4):
        header = with_length(len(body))
        one = connected(port, header[: len(header) - cut])
        time.sleep(SECONDS / 10)
        one.sendall(header[len(header) - cut :] + body)
        assert what_comes(one).startswith(b"HTTP/1.1 200 ")
        one.close()


def test_what_is_not_http_is_told_so_in_problem_details(port: int) -> None:
    one = connected(port, b"HELLO\r\n\r\n")
    status, said = problem_of(what_comes(one))
    one.close()
    assert (status, said["status"]) == (400, 400)


def test_where_all_connections_are_taken_one_that_asks_nothing_makes_room(port: int) -> None:
    idle = [connected(port) for _ in range(600)]
    with asking(port) as honest:
        assert honest.get("/health").status_code == 200
    assert open_ones(idle) >= 590
    for one in idle:
        one.close()


def test_where_all_connections_ask_a_new_one_is_told_when_to_come_again(tmp_path: Path) -> None:
    other = free_port()
    with served(f"sqlite:///{tmp_path / 'store.db'}", tmp_path, other, max_connections=10):
        streams = [connected(other, STREAM) for _ in range(10)]
        assert all(b"text/event-stream" in one.recv(65_536) for one in streams)
        asked = [connected(other, GET) for _ in range(3)]
        told = [what_comes(one) for one in asked]
        for one in (*streams, *asked):
            one.close()
    assert [problem_of(said)[0] for said in told] == [503] * 3
    assert all(b"retry-after: 2" in said for said in told)
