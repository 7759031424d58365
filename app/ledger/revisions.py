"""At which revision the store is: one read for all who ask at once (docs/decisions/kept-answers.md)."""

import sqlite3
from asyncio import Future, Task, create_task, get_running_loop
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, TypeAlias

from sqlalchemy import select

from app.models.ledger import store
from app.shared.database import Database
from app.shared.local_file import LocalFile
from app.shared.together import settle

Told: TypeAlias = Callable[[int | Exception], None]
_REVISION: Final = select(store.c.revision)


class Revisions:
    """Tells the revision that the store is at, as reads see it: a replica may lag.

    A read is shared by all who were waiting when it began, and by nobody who came later: whoever asks is told of
    everything that was committed before.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: int | None = None
        self._waiting: list[Told] = []
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
                return self._remembered(_in_file(self._database.local))
        told: Future[int] = get_running_loop().create_future()
        self._ask(partial(settle, told))
        return await told

    def tell(self, told: Told) -> None:
        """Call ``told`` with the newest revision in a later turn of the loop, or with what the store raises.

        The same as ``now`` for who has no task that could wait.
        """
        local = self._database.local
        if local is None:
            self._ask(told)
            return
        self._waiting.append(told)
        if len(self._waiting) == 1:
            get_running_loop().call_soon(self._tell_of, local)

    def _tell_of(self, local: LocalFile) -> None:
        try:
            revision = _in_file(local)
        except sqlite3.Error:
            self._begin()
        else:
            asked, self._waiting = self._waiting, []
            _tell(asked, revision)

    def _ask(self, told: Told) -> None:
        self._waiting.append(told)
        self._begin()

    def _begin(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = create_task(self._read_all())

    def _remembered(self, revision: int) -> int:
        """Keep a revision for the tasks that are ready by now: a task of a request that has yet to come is behind."""
        self._read = revision
        get_running_loop().call_soon(self._forget)
        return revision

    def _forget(self) -> None:
        self._read = None

    async def _read_all(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, []
            try:
                row = await self._database.lookup(_REVISION, {})
            except Exception as error:  # noqa: BLE001 - those who asked are told
                _tell(asked, error)
            else:
                _tell(asked, row[0] if row else 0)


_REVISION_IN_SQL: Final = str(_REVISION)


def _in_file(local: LocalFile) -> int:
    """The revision of a file on this machine. Raises sqlite3.Error where it cannot be told at once."""
    rows = local.rows(_REVISION_IN_SQL, ())
    revision: int = rows[0][0] if rows else 0
    return revision


def _tell(asked: list[Told], revision: int | Exception) -> None:
    """Tell all who asked, so that what one of them does with it is no matter of the others."""
    loop = get_running_loop()
    for told in asked:
        loop.call_soon(told, revision)
