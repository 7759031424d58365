"""Copies a SQLite store by its online backup API (sqlite.org/backup.html), which sees one state of it."""

import os
import sqlite3
from asyncio import to_thread
from contextlib import closing
from pathlib import Path
from typing import Final

MAGIC: Final = b"SQLite format 3\0"
"""How a file begins that SQLite wrote (its file format, section 1.2)."""


async def copy_sqlite(source: Path, target: Path) -> None:
    """Make ``target`` what ``source`` is, all at once: whoever reads it meanwhile sees what it was, until it is done.

    All pages are read in one transaction, so that they are of one commit; those who write to ``source`` go on.
    """
    await to_thread(_copy, source, target)


def _copy(source: Path, target: Path) -> None:
    # Not as Python would open it: that would make a file where there is none to copy.
    address = f"{source.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


async def seal(file: Path) -> None:
    """Make one file of a copy, with no log beside it, that is on the disk when this is done."""
    await to_thread(_seal, file)


def _seal(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
