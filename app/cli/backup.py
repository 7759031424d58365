"""``dealgraph backup`` and ``restore``."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy import Connection, exists, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli.check import PATIENCE_MS, check_store
from app.cli.running import fail, run, say, settings, store_exists
from app.cli.store import migrate_store
from app.ledger import check as ledger
from app.models import metadata
from app.models.ledger import store as newest
from app.shared import postgresql_dump, sqlite_copy
from app.shared.database import Database
from app.shared.schema import OUTDATED, schema_of, suits
from app.shared.settings import Settings

_OWNER_ONLY: Final = 0o600
"""A backup holds the digests of keys and the secrets of webhooks."""

File = Annotated[Path, typer.Argument(help="The file of the backup.", dir_okay=False)]


def backup(
    file: File,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of a file that is there.")] = False,
) -> None:
    """Write the store into a file, as it is at one revision, while it is read and written to."""
    given = _patient()
    if not store_exists(given):
        fail("there is no store to back up")
    if file.exists() and not replace:
        fail(f"{file} is there already: --replace takes its place")
    run(given, lambda database: _back_up(database, given, file))


def restore(
    file: File,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Forget what the store holds now.")] = False,
) -> None:
    """Make an empty store what a backup holds, all or nothing, and check it; end with 1 where something is wrong."""
    given = _patient()
    run(given, lambda database: _restore(database, given, file, replace=replace))


def _patient() -> Settings:
    return settings().model_copy(update={"statement_timeout_ms": PATIENCE_MS})


async def _back_up(database: Database, given: Settings, file: Path) -> None:
    if not suits(await schema_of(database)):
        raise ValueError(OUTDATED)
    with _beside(file) as part:
        with _named(file, "written"):
            part.touch(_OWNER_ONLY, exist_ok=False)
        if database.writer.dialect.name == "sqlite":
            await sqlite_copy.copy_sqlite(_path(given), part)
            async with _opened(given, part) as copy, copy.snapshot() as connection:
                revision, digest = await _state(connection)
            await sqlite_copy.seal(part)
        else:
            revision, digest = await _dump(database, part)
        part.replace(file)
    say(f"{file}: revision {revision}, sha256 {digest}")


async def _dump(database: Database, file: Path) -> tuple[int, str]:
    """Dump a PostgreSQL store; its revision and digest, of the same snapshot."""
    async with database.snapshot() as connection:
        await postgresql_dump.dump(connection, file)
        return await _state(connection)


async def _state(connection: AsyncConnection) -> tuple[int, str]:
    return await connection.scalar(select(newest.c.revision)) or 0, await ledger.digest(connection)


async def _restore(database: Database, given: Settings, file: Path, *, replace: bool) -> None:
    kind = _kind(file)
    if kind != database.writer.dialect.name:
        raise ValueError(f"{file} is of {kind}, the store is not: dealgraph export and import move the records")
    empty = not await _holds_anything(database)
    if not (empty or replace):
        raise ValueError("the store is not empty: --replace forgets what it holds")
    if kind == "sqlite":
        await _restore_sqlite(given, file)
        return
    try:
        await _restore_postgresql(database, file, empty=empty)
    finally:
        # Also where nothing came of it: an empty store then gets its tables back.
        await migrate_store(database)
    await check_store(database)


async def _restore_sqlite(given: Settings, file: Path) -> None:
    """Make a copy of the backup whole and current; only one in which nothing is wrong becomes the store."""
    target = _path(given)
    with _beside(target) as part:
        await sqlite_copy.copy_sqlite(file, part)
        async with _opened(given, part) as copy:
            if await schema_of(copy) is None:
                raise ValueError(f"{file} is no backup of a store")
            await migrate_store(copy)
            await check_store(copy)
        await sqlite_copy.copy_sqlite(part, target)


async def _restore_postgresql(database: Database, file: Path, *, empty: bool) -> None:
    if empty:
        from app.shared.migration import downgrade  # noqa: PLC0415 - only here, as in app/cli/store.py

        # Tables of a newer schema would be in the way of those of the backup.
        await downgrade(database)
    async with database.primary.connect() as connection:
        await postgresql_dump.undump(connection, file)
        # Older programs bring no statistics, without which each question reads all of a table.
        await connection.execute(text("ANALYZE"))


async def _holds_anything(database: Database) -> bool:
    """Whether there is a row in any of our tables, but for the store's own that every store has."""

    def look(connection: Connection) -> bool:
        there = set(inspect(connection).get_table_names())
        tables = (table for table in metadata.sorted_tables if table.name in there and table is not newest)
        return any(connection.scalar(select(exists(select(1).select_from(table)))) for table in tables)

    async with database.primary.connect() as connection:
        return await connection.run_sync(look)


def _kind(file: Path) -> str:
    """The database that a backup is of, as SQLAlchemy calls it. Raises ValueError for what is none."""
    with _named(file, "read"), file.open("rb") as opened:
        start = opened.read(len(sqlite_copy.MAGIC))
    for kind, magic in (("sqlite", sqlite_copy.MAGIC), ("postgresql", postgresql_dump.MAGIC)):
        if start.startswith(magic):
            return kind
    raise ValueError(f"{file} is no backup of a store")


@contextmanager
def _named(file: Path, done: str) -> Iterator[None]:
    """Raise ValueError, which names the file, where it cannot be read or written: it is not the store that fails."""
    try:
        yield
    except OSError as error:
        raise ValueError(f"{file} cannot be {done}: {error.strerror}") from None


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A file of its own in the same folder, gone afterwards, with whatever SQLite keeps beside it."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        yield part
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + end).unlink(missing_ok=True)


@asynccontextmanager
async def _opened(given: Settings, file: Path) -> AsyncIterator[Database]:
    url = make_url(given.database_url).set(database=str(file)).render_as_string(hide_password=False)
    database = Database(given.model_copy(update={"database_url": url, "read_database_url": None}))
    try:
        yield database
    finally:
        await database.close()


def _path(given: Settings) -> Path:
    return Path(make_url(given.database_url).database or "")
