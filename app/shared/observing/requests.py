"""Sees every request from its first byte to the last of its reply: measures it, and writes a line of it.

It stands outside of all that may answer, so that a reply which was kept, or a refusal, is seen like any other.

That costs a request 4 µs, or 6 where several processes answer, and its line 7 more.
"""

from random import random
from time import perf_counter
from typing import Any, Final

from fastapi import FastAPI
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


def install(app: FastAPI, metrics: Metrics, settings: Settings) -> None:
    """Observe each request of an app; what else may answer has to be added before."""
    lines = Lines(settings.log_format, settings.log_level)
    app.add_middleware(Observed, metrics=metrics, lines=lines, share=settings.log_requests)


class Observed:
    """Measures each request. ``share`` of them, and all that fail, get a line in the log; none where it is 0."""

    def __init__(self, app: ASGIApp, metrics: Metrics, lines: Lines, share: float) -> None:
        self.app = app
        self._metrics = metrics
        self._lines = lines
        self._share = share
        self._traced = tracing.is_tracing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        status = _WENT_AWAY
        asker = Asker(tracing.current() if self._traced else None)
        ask_as(asker)

        async def send_seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.in_flight += 1
        try:
            await self.app(scope, receive, send_seen)
        except Exception:
            # It is answered outside of our middleware.
            status = _FAILED
            raise
        finally:
            self._metrics.in_flight -= 1
            self._tell(scope, status, perf_counter() - started, asker)

    def _tell(self, scope: Scope, status: int, seconds: float, asker: Asker) -> None:
        route = template(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.answered(method, route, status, seconds, asker.queries)
        if asker.span and route != NONE:
            asker.span.set_attribute("http.route", route)
            asker.span.update_name(f"{method} {route}")
        failed = status >= _FAILED
        if self._share and (failed or self._share >= 1 or random() < self._share):  # noqa: S311 - no secret
            said = {"method": method, "route": route, "status": status, "milliseconds": round(seconds * 1_000, 3)}
            self._lines.write(failed, {**said, "queries": asker.queries, **_whose(scope, asker)})


def _whose(scope: Scope, asker: Asker) -> dict[str, Any]:
    """Whose request it is. What its client sent stays out of the log, but for its id and its address."""
    state, client = scope["state"], scope["client"]
    known = {"key": getattr(state.get("caller"), "key_id", None), "client": client[0] if client else None}
    if asker.span:
        known["trace_id"] = f"{asker.span.get_span_context().trace_id:032x}"
    return {"request_id": state["request_id"], **known}
