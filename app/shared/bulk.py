"""Many rows into one table at once, by the fastest way that the database has."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from app.shared.chunks import in_chunks
from app.shared.driver import told

_CHUNK: Final = 1_000
_COPIED_FROM: Final = 24
"""From how many rows on COPY is worth its own round trip: it takes half the time of INSERT for a thousand, and
what waits in line together (32) is written 6 percent faster."""


async def insert_rows(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns. Raises what an INSERT of them would."""
    for some in in_chunks(rows, _CHUNK):
        if (
            len(some) >= _COPIED_FROM
            and connection.dialect.name == "postgresql"
            and not _made_up(table, tuple(some[0]))
        ):
            await _copy(connection, table, some)
        else:
            await connection.execute(insert(table), list(some))


async def _copy(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = tuple(rows[0])
    written = _written(table, columns, connection.dialect)
    content = [tuple(write(row[name]) if write else row[name] for name, write in written) for row in rows]
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None  # noqa: S101 - the connection is in use
    try:
        await driver.copy_records_to_table(table.name, records=content, columns=columns)
    except Exception as error:
        # That the network fails, or that time is up, is not the driver's to tell.
        if isinstance(error, OSError):
            raise
        raise told(f"COPY {table.name}", error, lost=driver.is_closed()) from error


@cache
def _made_up(table: Table, columns: tuple[str, ...]) -> bool:
    """Whether a column that the rows leave out has a default that only INSERT knows, since it is made in Python."""
    return any(column.default is not None for column in table.columns if column.name not in columns)


@cache
def _written(
    table: Table, columns: tuple[str, ...], dialect: Dialect
) -> Sequence[tuple[str, Callable[[Any], Any] | None]]:
    """The columns, each with what turns a value into that of the driver."""
    return [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in columns]
