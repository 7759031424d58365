"""How the engines of a store are made, of either database (docs/decisions/two-engines.md)."""

import sqlite3
from math import inf
from time import monotonic
from typing import Any

from sqlalchemy import Connection, ExceptionContext, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from app.shared.driver import Connecting
from app.shared.settings import Settings

LOCKED_MS = 10_000
"""How long a writer waits for others, in all processes; then it is told 503."""
_SQLITE_SYNCHRONOUS = "FULL"
"""Every commit is on the disk before it is acknowledged."""
# About 2 ms of work: often enough to end a statement in time, too seldom to cost anything that can be measured.
_SQLITE_STEPS = 100_000
# What SQLAlchemy asks is planned for its own values, for 0.3 ms. PostgreSQL would keep a plan for any values, and
# so take 27 ms instead of 2 for a date of few records, 535 instead of 54 for a ranking. `rows` keeps its plans, of
# statements that look the same up each time.
_PLANNED_ANEW = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
CONNECT_SECONDS = 5
_ANSWER_SECONDS = 1
"""How much later than PostgreSQL we end a statement ourselves."""


def engine_of(url: str, settings: Settings, *, reading: bool) -> AsyncEngine:
    """The engine of a database, for reading or for writing."""
    # Where no transaction is ever open, there is none to roll back when a connection goes back to the pool.
    level: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None} if reading else {}
    # An error is logged: it must not carry the values of its statement, among which may be a secret.
    level["hide_parameters"] = True
    if url.startswith("sqlite"):
        engine = create_async_engine(
            url, pool_size=settings.pool_size, max_overflow=0, pool_timeout=CONNECT_SECONDS, **level
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        if reading:
            _end_late_statements(engine, settings.statement_timeout_ms / 1_000)
        else:
            event.listen(engine.sync_engine, "begin", _begin_immediate)
        return engine
    engine = create_async_engine(
        url,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=CONNECT_SECONDS,
        # A pooled connection that the server closed is found when it is used, and replaced with all its peers.
        pool_use_lifo=True,
        connect_args={
            "async_creator_fn": Connecting,
            **(_PLANNED_ANEW if reading else {}),
            "timeout": CONNECT_SECONDS,
            # A server that hangs ends no statement: we do then.
            "command_timeout": settings.statement_timeout_ms / 1_000 + _ANSWER_SECONDS if reading else None,
            "server_settings": _server_settings(settings, reading=reading),
        },
        **level,
    )
    event.listen(engine.sync_engine, "handle_error", _give_up_where_unanswered)
    return engine


def _server_settings(settings: Settings, *, reading: bool) -> dict[str, str]:
    # jit=off: the planner's estimate for a traversal is high enough to compile it, which costs more than it saves.
    common = {"application_name": "dealgraph", "jit": "off", "timezone": "UTC"}
    ends = {"statement_timeout": settings.statement_timeout_ms} if reading else {"lock_timeout": LOCKED_MS}
    return common | {name: str(milliseconds) for name, milliseconds in ends.items()}


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # The timeout comes first: two processes that open a new store at once both switch it to WAL.
    durable = f"synchronous={_SQLITE_SYNCHRONOUS}"
    for pragma in (f"busy_timeout={LOCKED_MS}", "journal_mode=WAL", durable, "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _end_late_statements(engine: AsyncEngine, seconds: float) -> None:
    """Give SQLite a statement timeout: it asks every few steps whether to go on, and is told no after ``seconds``."""

    def ask(connection: Any, entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 - SQLAlchemy's face of the driver's
        def is_late() -> bool:
            return monotonic() > float(entry.info["deadline"])

        entry.info["deadline"], entry.info["seconds"] = inf, seconds
        connection.run_async(lambda driver: driver.set_progress_handler(is_late, _SQLITE_STEPS))

    def start(connection: Connection, *_statement: object) -> None:
        connection.info["deadline"] = monotonic() + seconds

    event.listen(engine.sync_engine, "connect", ask)
    event.listen(engine.sync_engine, "before_cursor_execute", start)


def _give_up_where_unanswered(context: ExceptionContext) -> None:
    """Take a connection on which a statement had no answer out of the pool: the next would wait for that answer."""
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True


def _begin_immediate(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event signature
    """Take the write lock at once: a plain BEGIN that turns into a write later loses to others with "locked"."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
