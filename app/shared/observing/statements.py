"""What the store is asked, told apart by who asks: counted, and shown as spans where requests are traced."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode
from sqlalchemy import Connection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from app.shared.observing.tracing import is_tracing

_SYSTEMS: Final = {"postgresql": "postgresql", "sqlite": "sqlite"}
_SPANS: Final = "spans"
_tracer = trace.get_tracer("dealgraph")


class Asker:
    """Who asks the store: one request, with the number of statements so far, and its span where it is traced."""

    __slots__ = ("queries", "span")

    def __init__(self, span: Span | None = None) -> None:
        self.queries = 0
        self.span = span


_asker: ContextVar[Asker | None] = ContextVar("asker", default=None)


def asker() -> Asker | None:
    """Who asks, in this task; None for work that no request waits for."""
    return _asker.get()


def ask_as(one: Asker) -> None:
    """Say who asks from now on, in this task and in those that it starts."""
    _asker.set(one)


@contextmanager
def asking_for(askers: Sequence[Asker | None]) -> Iterator[None]:
    """Ask for several at once: what is asked counts for each of them, and is shown below the first that is traced."""
    those = [one for one in askers if one]
    together = Asker(next((one.span for one in those if one.span), None))
    token = _asker.set(together)
    try:
        yield
    finally:
        _asker.reset(token)
        for one in those:
            one.queries += together.queries


def asked(sql: str, system: str) -> Span | None:
    """Count a statement; where whoever asks is traced return a span of it, which has to be ended."""
    one = _asker.get()
    if one is None:
        return None
    one.queries += 1
    return _span(one.span, sql, system) if one.span else None


def observe(engine: AsyncEngine) -> None:
    """Count the statements of an engine. What reads by the driver alone has to call ``asked`` itself."""
    system = _SYSTEMS[engine.dialect.name]

    def before(connection: Connection, _cursor: object, sql: str, *_rest: object) -> None:
        if span := asked(sql, system):
            connection.info[_SPANS] = span

    event.listen(engine.sync_engine, "before_cursor_execute", before)
    if is_tracing():
        event.listen(engine.sync_engine, "after_cursor_execute", _end)
        event.listen(engine.sync_engine, "handle_error", _fail)


def _span(parent: Span, sql: str, system: str) -> Span:
    """A span after the semantic conventions for databases (OpenTelemetry 1.44); ``sql`` holds no values of clients."""
    verb = sql.split(maxsplit=1)[0].upper()
    attributes = {"db.system.name": system, "db.operation.name": verb, "db.query.text": sql}
    return _tracer.start_span(verb, trace.set_span_in_context(parent), SpanKind.CLIENT, attributes)


def _end(connection: Connection, *_rest: object) -> None:
    span: Span | None = connection.info.pop(_SPANS, None)
    if span:
        span.end()


def _fail(context: ExceptionContext) -> None:
    span: Any = context.connection and context.connection.info.pop(_SPANS, None)
    if span:
        span.set_attribute("error.type", type(context.original_exception).__qualname__)
        span.set_status(StatusCode.ERROR)
        span.end()
