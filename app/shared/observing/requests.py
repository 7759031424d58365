"""Sees every request from its first byte to the last of its reply: measures it, and writes a line of it.

It stands outside of all that may answer, so that a refusal is seen like any other reply; what sends replies that were
kept stands outside of it, and tells of them itself.

That costs a request 4 µs, or 6 where several processes answer, and its line 7 more.
"""

from random import random
from time import perf_counter
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.shared.logs import Lines
from app.shared.observing import tracing
from app.shared.observing.metrics import Metrics
from app.shared.observing.routes import NONE, template
from app.shared.observing.statements import Asker, ask_as
from app.shared.settings import Settings

_FAILED: Final = 500
_WENT_AWAY: Final = 499
"""The status of a request whose client went before there was a reply, as nginx has it."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observer:
    """Tells of requests: counts each, and writes a line of ``share`` of them and of all that fail; of none where 0."""

    def __init__(self, metrics: Metrics, lines: Lines, share: float) -> None:
        self.metrics = metrics
        self._lines = lines
        self._share = share
        self._traced = tracing.is_tracing()

    def asker(self) -> Asker:
        """Whoever asks the store from now on, for a request that begins."""
        one = Asker(tracing.current() if self._traced else None)
        ask_as(one)
        return one

    def tell(self, scope: Scope, route: str, status: int, seconds: float, asker: Asker) -> None:
        """Tell of a request to a route that was answered."""
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.answered(method, route, status, seconds, asker.queries)
        if asker.span and route != NONE:
            asker.span.set_attribute("http.route", route)
            asker.span.update_name(f"{method} {route}")
        failed = status >= _FAILED
        if self._share and (failed or self._share >= 1 or random() < self._share):  # noqa: S311 - no secret
            said = {"method": method, "route": route, "status": status, "milliseconds": round(seconds * 1_000, 3)}
            self._lines.write(failed, _said_whose(said, scope, asker))


def observer_of(settings: Settings, metrics: Metrics) -> Observer:
    """The observer of an app."""
    return Observer(metrics, Lines(settings.log_format, settings.log_level), settings.log_requests)


class Observed:
    """Has each request told of, from its first byte to the last of its reply."""

    def __init__(self, app: ASGIApp, observer: Observer) -> None:
        self.app = app
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, asker = perf_counter(), self._observer.asker()
        status = _WENT_AWAY

        async def send_seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._observer.metrics.in_flight += 1
        try:
            await self.app(scope, receive, send_seen)
        except Exception:
            # It is answered outside of our middleware.
            status = _FAILED
            raise
        finally:
            self._observer.metrics.in_flight -= 1
            self._observer.tell(scope, template(scope), status, perf_counter() - started, asker)


def _said_whose(said: dict[str, Any], scope: Scope, asker: Asker) -> dict[str, Any]:
    """What is said of a request, and whose it is. What its client sent stays out, but for its id and its address."""
    state, client = scope["state"], scope["client"]
    said["queries"] = asker.queries
    said["request_id"] = state["request_id"]
    said["key"] = getattr(state.get("caller"), "key_id", None)
    said["client"] = client[0] if client else None
    if asker.span:
        said["trace_id"] = f"{asker.span.get_span_context().trace_id:032x}"
    return said
