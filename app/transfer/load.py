"""Loads stated records into the store: all or nothing, whoever they come from.

A file is read into a spool (`app/transfer/spool.py`) with no transaction open. Then one transaction validates and puts
its records. Where anything is wrong all of it goes back, and only then is the whole file looked through for what else
is: a good file, which is most of them, is read once.
"""

from asyncio import to_thread
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from app.ledger.transaction import Author, transaction
from app.shared.database import Database
from app.shared.errors import Flaw, unknown
from app.transfer.inspecting import inspect
from app.transfer.putting import Options, Report, RolledBack, Stopped, Told, put_all, tell_nobody
from app.transfer.refusals import ImportRefused, Refusal
from app.transfer.resources import BY_TYPE
from app.transfer.rows import Row, row_of
from app.transfer.spool import Spool

__all__ = ["ImportRefused", "Options", "Refusal", "Report", "explained", "load", "load_rows", "read_in"]

_AS_IT_IS = Options()


async def load(database: Database, statements: Mapping[str, Sequence[Any]], *, actor: str, reason: str) -> Report:
    """Load records by resource in one transaction. Raises ImportRefused, with the store as it was, if any is wrong."""
    with Spool(lines=False) as spool:
        for name, records in statements.items():
            if name in BY_TYPE:
                spool.fill(_rows(spool, name, records))
            else:
                spool.refuse(name, [(0, unknown("resource", name, BY_TYPE, ""))])
        spool.look_for_twins()
        return await _load_spool(database, spool, Author(actor, reason), _AS_IT_IS, tell_nobody)


async def load_rows(
    database: Database,
    rows: Iterable[Row | Flaw],
    author: Author,
    options: Options = _AS_IT_IS,
    told: Told = tell_nobody,
) -> Report:
    """Load the rows of a file in one transaction. Raises ImportRefused, with the store as it was, if any is wrong."""
    with Spool() as spool:
        await read_in(spool, rows)
        return await _load_spool(database, spool, author, options, told)


async def read_in(spool: Spool, rows: Iterable[Row | Flaw]) -> None:
    """Read the rows of a file into a spool, while others have their turn."""

    def work() -> None:
        spool.fill(rows)
        spool.look_for_twins()

    await to_thread(work)


def stop_where_flawed(spool: Spool) -> None:
    """Raise Stopped for a file of which something could not be read: no transaction need be opened."""
    if spool.refusals.total:
        raise Stopped


@asynccontextmanager
async def explained(database: Database, spool: Spool, options: Options) -> AsyncIterator[None]:
    """Raise ImportRefused, with all that is wrong with a file, where the block finds that something is."""
    try:
        yield
    except Stopped:
        await inspect(database, spool, create_missing=options.create_missing)
        raise ImportRefused(spool.refusals.told, spool.refusals.total) from None


async def _load_spool(database: Database, spool: Spool, author: Author, options: Options, told: Told) -> Report:
    try:
        async with explained(database, spool, options):
            stop_where_flawed(spool)
            async with transaction(database, author) as write:
                return await put_all(write, spool, options, told)
    except RolledBack as back:
        return back.report


def _rows(spool: Spool, name: str, records: Sequence[Any]) -> Iterator[Row]:
    for position, stated in enumerate(records):
        try:
            yield row_of(position, name, stated)
        except ValueError as error:
            spool.refuse(name, [(position, Flaw(str(error)))])
