"""Statements that are built once, asked of the driver itself: SQLAlchemy takes longer for one than most reads do.

SQLAlchemy asks from a greenlet, for which Python maps memory anew each time, and goes to SQLite's thread and back three
times instead of once: 26 µs and 230 µs of a read of one record.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Final, NamedTuple

from sqlalchemy import Dialect, SelectBase
from sqlalchemy.exc import DBAPIError, MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from app.shared.keepalive import notice_loss
from app.shared.observing import statements

KEPT_STATEMENTS: Final = 100
"""How many statements are kept of those that take a form of what a client asks: a large one takes 1 MB."""


class Spelt(NamedTuple):
    """A statement as the driver takes it, the ``names`` of its values in order, and the ``values`` that stand in it.

    ``converters`` make of a value what the driver takes, by its name.
    """

    sql: str
    names: tuple[str, ...]
    values: dict[str, Any]
    converters: dict[str, Callable[[Any], Any]]

    def arguments(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """What the driver takes for the values of one question."""
        given = {**self.values, **values}
        for name, convert in self.converters.items():
            given[name] = convert(given[name])
        return tuple(map(given.__getitem__, self.names))


def spell(statement: SelectBase, dialect: Dialect) -> Spelt:
    """A statement as a dialect spells it."""
    compiled: Any = statement.compile(dialect=dialect)
    converters = {name: one.type.dialect_impl(dialect).bind_processor(dialect) for name, one in compiled.binds.items()}
    needed = {name: convert for name, convert in converters.items() if convert}
    return Spelt(str(compiled), tuple(compiled.positiontup), compiled.params, needed)


class Connecting:
    """A connection of asyncpg's that is begun when it is awaited, so that nothing is left of it where it is not.

    A pool would begin one where a question that need not wait for it finds the connection it was to have closed.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as asyncpg takes them
        self._arguments, self._options = arguments, options

    def __await__(self) -> Generator[Any, None, Any]:
        """Connect."""
        return self._connect().__await__()

    async def _connect(self) -> Any:  # noqa: ANN401 - a connection of asyncpg's
        import asyncpg  # noqa: PLC0415 - SQLite does without

        connection = await asyncpg.connect(*self._arguments, **self._options)
        # A write has no time limit: without this it would wait for a machine that is gone.
        notice_loss(connection._transport)  # noqa: SLF001 - asyncpg shows its socket nowhere else
        return connection


async def ask_driver(engine: AsyncEngine, spelt: Spelt, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """The rows of a statement, asked of the driver itself on a connection of an engine's pool.

    Raises DBAPIError for whatever the driver raises of its own.
    """
    span = statements.asked(spelt.sql, engine.dialect.name)
    connection: Any = await _taken(engine)
    driver, server = connection.driver_connection, engine.dialect.name != "sqlite"
    try:
        if server:
            found: Sequence[Sequence[Any]] = await driver.fetch(spelt.sql, *arguments)
        else:
            connection.info["deadline"] = monotonic() + connection.info["seconds"]
            found = await driver.execute_fetchall(spelt.sql, arguments)
    except BaseException as error:
        lost = server and driver.is_closed()
        # What the driver says of the statement leaves its connection as it was; what else happened may not. That of a
        # file ends the statement in its thread, and takes the next one.
        of_driver = isinstance(error, Exception) and not isinstance(error, OSError)
        if lost or (server and not of_driver):
            connection.invalidate(error)
        if not of_driver:
            raise
        raise told(spelt.sql, error, lost=lost) from error
    finally:
        connection.close()
        if span:
            span.end()
    return found


def told(sql: str | None, error: BaseException, *, lost: bool) -> DBAPIError:
    """An error of a driver that was asked itself, as SQLAlchemy would raise it; ``lost``: its connection is closed."""
    return DBAPIError(sql, None, error, hide_parameters=True, connection_invalidated=lost)


async def _taken(engine: AsyncEngine) -> PoolProxiedConnection:
    """A connection of a pool, which is waited for where none is free. Raises DBAPIError where none can be made."""
    pool: Any = engine.pool
    if pool.checkedin():
        with suppress(MissingGreenlet):
            return engine.sync_engine.raw_connection()
    try:
        return await greenlet_spawn(engine.sync_engine.raw_connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise told(None, error, lost=True) from error
