"""At which revision the store is: one read for all who ask at once (docs/decisions/kept-answers.md)."""

import sqlite3
from asyncio import Future, Task, create_task, get_running_loop
from contextlib import suppress
from typing import Final

from sqlalchemy import select

from app.models.ledger import store
from app.shared.database import Database

_REVISION: Final = select(store.c.revision)


class Revisions:
    """Tells the revision that the store is at, as reads see it: a replica may lag.

    A read is shared by all who were waiting when it began, and by nobody who came later: whoever asks is told of
    everything that was committed before.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: int | None = None
        self._waiting: list[Future[int]] = []
        self._reading: Task[None] | None = None

    async def now(self) -> int:
        """The newest revision. Raises what the store raises when it is away."""
        if self._database.asks_primary:
            # Apart from those who wait for what the replica has.
            row = await self._database.lookup(_REVISION, {}, newest=True)
            return row[0] if row else 0
        if self._read is not None:
            return self._read
        if self._database.local is not None:
            with suppress(sqlite3.Error):
                rows = self._database.local.rows(_REVISION_IN_SQL, ())
                return self._remembered(rows[0][0] if rows else 0)
        told = get_running_loop().create_future()
        self._waiting.append(told)
        if self._reading is None or self._reading.done():
            self._reading = create_task(self._tell())
        revision: int = await told
        return revision

    def _remembered(self, revision: int) -> int:
        """Keep a revision for the tasks that are ready by now: a task of a request that has yet to come is behind."""
        self._read = revision
        get_running_loop().call_soon(self._forget)
        return revision

    def _forget(self) -> None:
        self._read = None

    async def _tell(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, []
            try:
                row = await self._database.lookup(_REVISION, {})
            except Exception as error:  # noqa: BLE001 - those who asked are told
                _settle(asked, error)
            else:
                _settle(asked, row[0] if row else 0)


_REVISION_IN_SQL: Final = str(_REVISION)


def _settle(asked: list[Future[int]], told: int | Exception) -> None:
    for one in asked:
        # Whoever went away has cancelled theirs.
        if one.done():
            continue
        if isinstance(told, Exception):
            one.set_exception(told)
        else:
            one.set_result(told)
