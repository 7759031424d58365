"""The two engines: reads in AUTOCOMMIT, writes in explicit transactions (docs/decisions/two-engines.md)."""

import sqlite3
from asyncio import Lock, Semaphore, timeout
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from math import inf
from time import monotonic
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, ExceptionContext, Executable, Select, SelectBase, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import greenlet_spawn

from app.shared.driver import Connecting, ask_driver, spell
from app.shared.local_file import LocalFile, local_file
from app.shared.observing import statements
from app.shared.settings import Settings

Item = TypeVar("Item")

_for_primary = ContextVar("for_primary", default=False)

_LOCKED_MS = 10_000
"""How long a writer waits for others, in all processes; then it is told 503."""
_SQLITE_SYNCHRONOUS = "FULL"
"""Every commit is on the disk before it is acknowledged."""
# About 2 ms of work: often enough to end a statement in time, too seldom to cost anything that can be measured.
_SQLITE_STEPS = 100_000
# What SQLAlchemy asks is planned for its own values, for 0.3 ms. PostgreSQL would keep a plan for any values, and
# so take 27 ms instead of 2 for a date of few records, 535 instead of 54 for a ranking. `rows` keeps its plans, of
# statements that look the same up each time.
_PLANNED_ANEW = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 1
"""How much later than PostgreSQL we end a statement ourselves."""
# Classes of SQLSTATE (PostgreSQL, appendix A) that blame the server or the moment rather than the statement: no
# connection, no access, no such database, deadlock, out of resources, not in a state for it (closed to connections),
# intervention (timeouts too), system error.
_AWAY = {"08", "28", "3D", "40", "53", "55", "57", "58"}
_AWAY_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


class Database:
    """A store: one engine that reads, one that writes, and one that reads where the other writes.

    A replica may lag; what must hold from the moment it was written is read from the ``primary``.
    """

    def __init__(self, settings: Settings) -> None:
        self._reader = _engine(settings.reads_from, settings, reading=True)
        self.writer = _engine(settings.database_url, settings, reading=False)
        self.has_replica = settings.reads_from != settings.database_url
        self.primary = _engine(settings.database_url, settings, reading=True) if self.has_replica else self._reader
        self.local = None if self.has_replica else local_file(self._reader.url)
        for engine in self.engines.values():
            statements.observe(engine)
        self._line = Lock()
        # Some connections are left to what takes one for a moment: records by their slugs, keys, revisions.
        self._questions = Semaphore(max(settings.pool_size - max(settings.pool_size // 5, 1), 1))
        self._spelt = cache(lambda statement: spell(statement, self.reader.dialect))

    @property
    def engines(self) -> Mapping[str, AsyncEngine]:
        """Its engines, each once, by what it does."""
        primary = {"primary": self.primary} if self.has_replica else {}
        return {"reader": self._reader, "writer": self.writer, **primary}

    @property
    def reader(self) -> AsyncEngine:
        """The engine that reads: that of the replica where there is one, unless a question is for the primary."""
        return self.primary if self.asks_primary else self._reader

    @property
    def asks_primary(self) -> bool:
        """Whether what is read now comes from the primary for a reason, where there is a replica."""
        return _for_primary.get()

    @contextmanager
    def from_primary(self) -> Iterator[None]:
        """Read from the primary until the block ends, in this task and those that it starts."""
        token = _for_primary.set(True)
        try:
            yield
        finally:
            _for_primary.reset(token)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose every statement sees the newest committed state, with no transaction round it."""
        async with timeout(_CONNECT_SECONDS):
            await self._questions.acquire()
        try:
            async with self.reader.connect() as connection:
                yield connection
        finally:
            self._questions.release()

    async def scalar(self, statement: Executable, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the column holds
        """The one value that a statement reads, ``None`` where there is no row.

        Connecting, asking and giving the connection back are one step here, which costs a third less than three.
        """

        def ask() -> Any:  # noqa: ANN401 - the same
            with self.reader.sync_engine.connect() as connection:
                return connection.scalar(statement, values)

        return await greenlet_spawn(ask)

    async def rows(
        self, statement: SelectBase, values: Mapping[str, Any], *, newest: bool = False, at_once: bool = False
    ) -> Sequence[Sequence[Any]]:
        """What a statement reads, as the driver has it: for one that is built once, of which no column is converted.

        ``newest``: as the primary knows it, which sees all that was committed before, as a replica might not.
        ``at_once``: an index finds its few rows at once, so that those of a file are read here and now.
        """
        spelt, engine = self._spelt(statement), self.primary if newest else self.reader
        if at_once and self.local is not None:
            # What it cannot tell is asked in the ordinary way.
            with suppress(sqlite3.Error):
                return _here(self.local, spelt.sql, spelt.arguments(values))
        try:
            return await ask_driver(engine, spelt, spelt.arguments(values))
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # The ordinary way replaces the peers of a connection that the server closed, or tells what is wrong.
        async with engine.connect() as connection:
            found: Sequence[Any] = (await connection.execute(cast("Executable", statement), values)).all()
            return found

    async def lookup(
        self, statement: Select[Any], texts: Mapping[str, str], *, newest: bool = False
    ) -> Sequence[Any] | None:
        """The first row that a statement finds by some texts at once, as ``rows`` does it; ``None`` where none is."""
        return next(iter(await self.rows(statement, texts, newest=newest, at_once=True)), None)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection in one transaction, which commits when the block ends and rolls back when it raises."""
        async with self._in_line(), self.writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def _in_line(self) -> AsyncIterator[None]:
        """Wait for the other writers of this process: SQLite's own way of waiting is to try again, and some starve."""
        if self.writer.dialect.name != "sqlite":
            yield
            return
        async with timeout(_LOCKED_MS / 1_000):
            await self._line.acquire()
        try:
            yield
        finally:
            self._line.release()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements all see the store as it was at the first of them."""
        if self.writer.dialect.name == "sqlite":
            async with self.reader.connect() as connection:
                # A plain BEGIN: it reads from the write-ahead log as it is now, and keeps nobody from writing on.
                await connection.exec_driver_sql("BEGIN")
                try:
                    yield connection
                finally:
                    await connection.exec_driver_sql("ROLLBACK")
            return
        async with self.writer.connect() as connection:
            yield await connection.execution_options(isolation_level="REPEATABLE READ")

    async def close(self) -> None:
        """Give all connections back."""
        if self.local is not None:
            self.local.close()
        for engine in self.engines.values():
            await engine.dispose()


def _here(local: LocalFile, sql: str, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
    span = statements.asked(sql, "sqlite")
    try:
        return local.rows(sql, arguments)
    finally:
        if span:
            span.end()


def _engine(url: str, settings: Settings, *, reading: bool) -> AsyncEngine:
    # Where no transaction is ever open, there is none to roll back when a connection goes back to the pool.
    level: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None} if reading else {}
    # An error is logged: it must not carry the values of its statement, among which may be a secret.
    level["hide_parameters"] = True
    if url.startswith("sqlite"):
        engine = create_async_engine(
            url, pool_size=settings.pool_size, max_overflow=0, pool_timeout=_CONNECT_SECONDS, **level
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
        pool_timeout=_CONNECT_SECONDS,
        # A pooled connection that the server closed is found when it is used, and replaced with all its peers.
        pool_use_lifo=True,
        connect_args={
            "async_creator_fn": Connecting,
            **(_PLANNED_ANEW if reading else {}),
            "timeout": _CONNECT_SECONDS,
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
    ends = {"statement_timeout": settings.statement_timeout_ms} if reading else {"lock_timeout": _LOCKED_MS}
    return common | {name: str(milliseconds) for name, milliseconds in ends.items()}


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # The timeout comes first: two processes that open a new store at once both switch it to WAL.
    durable = f"synchronous={_SQLITE_SYNCHRONOUS}"
    for pragma in (f"busy_timeout={_LOCKED_MS}", "journal_mode=WAL", durable, "foreign_keys=ON"):
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


def is_unavailable(error: BaseException) -> bool:
    """Whether an error says that the store is away, full, locked or too slow, rather than that we asked wrongly."""
    if isinstance(error, (PoolTimeout, OSError)):
        return True
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _says_away(error.orig))


def _says_away(error: BaseException | None) -> bool:
    # The low byte of SQLite's code is the kind of error, the rest its detail.
    code: int = getattr(error, "sqlite_errorcode", 0)
    state: str = getattr(error, "sqlstate", None) or ""
    return code & 0xFF in _AWAY_SQLITE or state[:2] in _AWAY


def in_chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """``items`` in runs of at most ``size``, for statements that carry a bound value for each."""
    return (items[start : start + size] for start in range(0, len(items), size))
