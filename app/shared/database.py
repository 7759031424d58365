"""The two engines: reads in AUTOCOMMIT, writes in explicit transactions (docs/decisions/two-engines.md)."""

import sqlite3
from asyncio import Lock, Semaphore, timeout
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, TypeAlias, cast

from sqlalchemy import Executable, Select, SelectBase
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util import greenlet_spawn

from app.shared import engines
from app.shared.driver import KEPT_STATEMENTS, ask_driver, spell
from app.shared.local_file import LocalFile, local_file
from app.shared.observing import statements
from app.shared.settings import Settings
from app.shared.together import Together

_for_primary = ContextVar("for_primary", default=False)
_Question: TypeAlias = tuple[Select[Any], tuple[tuple[str, str], ...], bool]
"""A statement, its texts by name, and whether the newest is needed."""


class Database:
    """A store: one engine that reads, one that writes, and one that reads where the other writes.

    A replica may lag; what must hold from the moment it was written is read from the ``primary``.
    """

    def __init__(self, settings: Settings) -> None:
        self._reader = engines.engine_of(settings.reads_from, settings, reading=True)
        self.writer = engines.engine_of(settings.database_url, settings, reading=False)
        # Its password is left out. Written once: SQLAlchemy takes as long for it as a write for its validation.
        self.address = str(self.writer.url)
        self.has_replica = settings.reads_from != settings.database_url
        self.primary = (
            engines.engine_of(settings.database_url, settings, reading=True) if self.has_replica else self._reader
        )
        self.local = None if self.has_replica else local_file(self._reader.url)
        for engine in self.engines.values():
            statements.observe(engine)
        self._line = Lock()
        # Some connections are left to what takes one for a moment: records by their slugs, keys, revisions.
        self._questions = Semaphore(max(settings.pool_size - max(settings.pool_size // 5, 1), 1))
        self._together = Together(self._lookup)
        self._spelt = lru_cache(2 * KEPT_STATEMENTS)(lambda statement: spell(statement, self.reader.dialect))

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
        async with timeout(engines.CONNECT_SECONDS):
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
        self, statement: Select[Any], texts: Mapping[str, str], *, newest: bool = False, together: bool = False
    ) -> Sequence[Any] | None:
        """The first row that a statement finds by some texts at once, as ``rows`` does it; ``None`` where none is.

        ``together``: many may ask the same at once, which a server is asked once.
        """
        if together and self.local is None:
            return await self._together.answer((statement, tuple(texts.items()), newest))
        return next(iter(await self.rows(statement, texts, newest=newest, at_once=True)), None)

    async def _lookup(self, question: _Question) -> Sequence[Any] | None:
        statement, texts, newest = question
        return await self.lookup(statement, dict(texts), newest=newest)

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
        async with timeout(engines.LOCKED_MS / 1_000):
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
