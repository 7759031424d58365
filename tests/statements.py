"""What gets to the drivers, whether SQLAlchemy asks or the driver is asked itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import aiosqlite
import asyncpg
import pytest
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_cursor
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_cursor

from app.shared.local_file import LocalFile

_ASKS: Final[tuple[tuple[type, str], ...]] = (
    (AsyncAdapt_dbapi_cursor, "execute"),
    (AsyncAdapt_asyncpg_cursor, "execute"),
    (asyncpg.Connection, "fetch"),
    (aiosqlite.Connection, "execute_fetchall"),
    (LocalFile, "rows"),
)


_CONNECTING: Final = ("PRAGMA ", "select pg_catalog.version", "select current_schema", "show ")
"""What a new connection asks for itself."""


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that gets to a driver meanwhile, but for those of new connections."""
    said = list[str]()
    with pytest.MonkeyPatch.context() as patch:
        for kind, name in _ASKS:
            original = kind.__dict__.get(name)
            if original is None:
                continue

            def ask(self: Any, sql: str, *rest: Any, _original: Any = original, **more: Any) -> Any:  # noqa: ANN401
                if not sql.startswith(_CONNECTING):
                    said.append(sql)
                return _original(self, sql, *rest, **more)

            patch.setattr(kind, name, ask)
        yield said
