"""An SQLite file, asked on a connection of the calling thread for what takes a moment."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL


class LocalFile:
    """A store in an SQLite file, for what an index finds at once: a revision, a record, a first page.

    That takes 5 to 20 µs, 60 for 20 records, and never waits for a lock: such a question need not go to a thread of the
    driver's and back, which takes 150.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def rows(self, sql: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows. Raises sqlite3.Error where the ordinary way has to be gone, which waits, or says why."""
        try:
            return self._connected().execute(sql, arguments).fetchall()
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back, where there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            # It makes no file where there is none, and waits for nobody.
            address = f"{self._path.absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(
                address, timeout=0, isolation_level=None, check_same_thread=False, uri=True
            )
        return self._connection


def local_file(url: URL) -> LocalFile | None:
    """The file of a store; None where it is a server's."""
    return LocalFile(Path(url.database)) if url.get_backend_name() == "sqlite" and url.database else None
