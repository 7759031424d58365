"""At which revision the store is: one read for all who ask at once (docs/decisions/kept-answers.md)."""

import sqlite3
from asyncio import Future, Task, create_task, get_running_loop
from pathlib import Path
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
        self._file = _file_of(database)
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
        if self._file is not None:
            try:
                return self._remembered(self._file.revision())
            except sqlite3.Error:
                # Asked in the ordinary way below, which waits where another holds a lock, and tells what is wrong.
                self._file.close()
        told = get_running_loop().create_future()
        self._waiting.append(told)
        if self._reading is None or self._reading.done():
            self._reading = create_task(self._tell())
        revision: int = await told
        return revision

    def close(self) -> None:
        """Give the connection back, where one is kept."""
        if self._file is not None:
            self._file.close()

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


class _File:
    """A store in an SQLite file, asked on a connection of this thread.

    That takes 5 µs, and never waits: the question need not go to a thread of the driver's and back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def revision(self) -> int:
        if self._connection is None:
            # It makes no file where there is none, and waits for nobody.
            address = f"{self._path.absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(
                address, timeout=0, isolation_level=None, check_same_thread=False, uri=True
            )
        row = self._connection.execute(_REVISION_IN_SQL).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_REVISION_IN_SQL: Final = str(_REVISION)


def _file_of(database: Database) -> _File | None:
    url = database.reader.url
    return _File(Path(url.database)) if url.get_backend_name() == "sqlite" and url.database else None


def _settle(asked: list[Future[int]], told: int | Exception) -> None:
    for one in asked:
        # Whoever went away has cancelled theirs.
        if one.done():
            continue
        if isinstance(told, Exception):
            one.set_exception(told)
        else:
            one.set_result(told)
