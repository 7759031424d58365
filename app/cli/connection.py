"""A connection that waits for no client for good: uvicorn would, for a header, a body, or a reply that is not read.

Once in a while each connection looks at itself; a request pays for none of it but the length of its header.
"""

import gc
from asyncio import TimerHandle, Transport
from collections.abc import Iterable
from functools import partial
from typing import Any, Final, cast

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.cli.joined import Joined
from app.shared.errors import BadRequest, HeaderTooLarge, Problem, RequestTimeout, Unavailable
from app.shared.front import Reply, Soon
from app.shared.http import details
from app.shared.middleware import new_request_id
from app.shared.settings import Settings

MAX_HEADER: Final = 65_536
"""Bytes of a request line and its header together."""
LEAST_RATE: Final = 500
"""Bytes a second of a body that still count as sending it (Apache's RequestReadTimeout has the same)."""
_LOOKS: Final = 8
"""How often a connection looks at itself in the time that a client has."""
_END: Final = b"\r\n\r\n"
_CLOSE: Final = (b"connection", b"close")


class Serving(uvicorn.Config):
    """How to serve; the settings travel with it to each process."""

    def __init__(self, settings: Settings, **options: Any) -> None:  # noqa: ANN401 - as uvicorn takes them
        super().__init__("app.main:create_app_to_serve", factory=True, http=Connection, **options)
        self.patience = settings.client_timeout_ms / 1_000
        self.max_connections = settings.max_connections
        self.soon: Soon | None = None

    def load(self) -> None:
        """Import the app: each process does it for itself, and looks for no garbage until that is done."""
        gc.disable()
        super().load()
        # Behind a trusted proxy the app is wrapped, in what tells it who its client is.
        self.soon = getattr(self.loaded_app, "soon", None)


class Connection(HttpToolsProtocol):
    """Drops a client that keeps it waiting for longer than ``client_timeout_ms``; 408 where that can be told.

    A client has so long for a whole header, for each so many bytes of a body (`LEAST_RATE`), and for taking any part of
    a reply. What the app takes its time for, be it an event stream that is quiet, is never held against a client.
    """

    config: Serving

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to look, and make room where all connections are taken."""
        super().connection_made(cast("Transport", Joined(transport, self.loop)))
        self._header = bytearray()
        self._taken = self._unread = 0
        self._owed: tuple[object, ...] | None = None
        self.since = self.loop.time()
        self._timer: TimerHandle = self.loop.call_later(self.config.patience / _LOOKS, self._look)
        if len(self.connections) > self.config.max_connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it is a header without end: the parser would keep all of it."""
        if len(self._header) + len(data) > MAX_HEADER and self._is_too_long(data):
            self._refuse(HeaderTooLarge(f"the header is larger than {MAX_HEADER:,} bytes"))
            return
        super().data_received(data)
        if self._in_header:
            self._header += data
        elif self._header:
            self._header.clear()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - as uvicorn has it
        """Have a request answered: by what is kept, where that can be done, with no task of its own."""
        soon = self.config.soon if app is self.config.loaded_app else None
        if soon is None or not soon(cast("Scope", cycle.scope), partial(self._reply, cycle)):
            super()._start_asgi_task(cycle, app)

    def _reply(self, cycle: RequestResponseCycle, reply: Reply | None) -> None:
        """Send a reply as the cycle would, or have it made."""
        if cycle.disconnected:
            return
        if reply is None or self.flow.write_paused:
            super()._start_asgi_task(cycle, self.config.loaded_app)
            return
        headers = reply.headers
        if reply.content and all(name != b"content-length" for name, _ in headers):
            headers = [*headers, (b"content-length", b"%d" % len(reply.content))]
        closing = () if cycle.keep_alive else (_CLOSE,)
        self._write(reply.status, (*headers, *closing), reply.content)
        cycle.response_started = cycle.response_complete = True
        cycle.more_body = False
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def on_response_complete(self) -> None:
        """Begin with the next request, if it has come; for one that has not `_look` waits, with no timer of its own."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def _write(self, status: int, headers: Iterable[tuple[bytes, bytes]], content: bytes) -> None:
        lines = [b"%b: %b\r\n" % pair for pair in (*self.server_state.default_headers, *headers)]
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", content]))

    def on_body(self, body: bytes) -> None:
        """Count what came of a body."""
        self._taken += len(body)
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, as every error is answered."""
        self._refuse(BadRequest(msg))

    @property
    def awaits_request(self) -> bool:
        """Whether there is nothing to do here but to wait for a request."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def _in_header(self) -> bool:
        """Whether a header has begun and not ended: uvicorn makes a cycle of a scope where it has."""
        return self.scope is not (self.cycle.scope if self.cycle else None)

    def _is_too_long(self, data: bytes) -> bool:
        """Whether a header is, of which ``data`` comes next; it may end there, and a body follow."""
        # Of a body that was answered before it was whole, the rest still comes: the cycle never hears of its end.
        begins = self.awaits_request and not (self.cycle and self.cycle.more_body)
        return (self._in_header or begins) and (self._header + data).find(_END, 0, MAX_HEADER) < 0

    def _look(self) -> None:
        now, owed = self.loop.time(), self._still_owed()
        if owed != self._owed:
            self._owed, self.since = owed, now
        elif owed and now - self.since >= self.config.patience:
            self._drop(reply=owed[0] == "reply")
            return
        self._timer = self.loop.call_later(self.config.patience / _LOOKS, self._look)

    def _still_owed(self) -> tuple[object, ...] | None:
        """What the client has to do next; another value as soon as it has done some of it."""
        before, self._unread = self._unread, self.transport.get_write_buffer_size()
        if self._unread:
            return ("reply", None if self._unread >= before else self._unread)
        if self.transport.is_closing():
            return None
        if self.awaits_request:
            return ("header", self.cycle)
        if self.cycle.more_body and not self.flow.read_paused:
            return ("body", self.cycle, self._taken // int(LEAST_RATE * self.config.patience))
        return None

    def _drop(self, *, reply: bool) -> None:
        if reply:
            self.transport.abort()
        elif self._in_header or not (self.awaits_request or self.cycle.response_started):
            self._refuse(RequestTimeout(f"the request did not come within {self.config.patience:g} s"))
        else:
            self.transport.close()

    def _make_room(self) -> None:
        """Drop whom we have waited for longest with no request; where all have one, the new one is told 503."""
        others = (
            one
            for one in cast("set[Connection]", self.connections)
            if one is not self and not one.transport.is_closing()
        )
        longest = min((one for one in others if one.awaits_request), key=lambda one: one.since, default=None)
        if longest:
            longest.transport.abort()
        else:
            self.app = _full

    def _refuse(self, problem: Problem) -> None:
        """Answer in the place of the app, and close."""
        reply = details(problem, new_request_id())
        self._write(problem.status, (*reply.raw_headers, _CLOSE), bytes(reply.body))
        self.transport.close()
        if self.cycle:
            # Whatever the app says now would come after the end.
            self.cycle.disconnected = True


async def _full(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI, as uvicorn has it
    reply = details(Unavailable("all connections are taken; ask again in a moment"), new_request_id())
    reply.headers["Connection"] = "close"
    await reply(scope, receive, send)
