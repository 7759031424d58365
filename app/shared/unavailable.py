"""Errors of a store that is away, full, locked or too slow."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Classes of SQLSTATE (PostgreSQL, appendix A) that blame the server or the moment rather than the statement: no
# connection, no access, no such database, deadlock, out of resources, not in a state for it (closed to connections),
# intervention (timeouts too), system error.
_AWAY = {"08", "28", "3D", "40", "53", "55", "57", "58"}
_AWAY_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


def is_unavailable(error: BaseException) -> bool:
    """Whether an error says that the store is away, full, locked or too slow, rather than that we asked wrongly."""
    if isinstance(error, (PoolTimeout, OSError)):
        return True
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _says_away(error.orig))


def reason(error: BaseException) -> str:
    """What an error says, for a log: its first line, since the statement follows."""
    return str(error).partition("\n")[0]


def _says_away(error: BaseException | None) -> bool:
    # The low byte of SQLite's code is the kind of error, the rest its detail.
    code: int = getattr(error, "sqlite_errorcode", 0)
    state: str = getattr(error, "sqlstate", None) or ""
    return code & 0xFF in _AWAY_SQLITE or state[:2] in _AWAY
