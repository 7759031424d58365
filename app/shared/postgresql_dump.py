"""Dumps and restores a PostgreSQL store by the programs that come with PostgreSQL, which have to be on the PATH."""

import os
import re
import shutil
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

MAGIC: Final = b"PGDMP"
"""How a file begins that pg_dump wrote in its custom format."""
_PLAIN: Final = ("--no-owner", "--no-privileges")
_WHOLE: Final = ("--single-transaction", "--clean", "--if-exists")
_FROM_ENVIRONMENT: Final = {"host": "PGHOST", "port": "PGPORT", "ssl": "PGSSLMODE", "sslmode": "PGSSLMODE"}


async def dump(connection: AsyncConnection, file: Path) -> None:
    """Write the store into a file as the transaction of ``connection`` sees it, which has to be REPEATABLE READ.

    Raises ValueError where pg_dump is missing, is older than the server, or fails.
    """
    program = await _program("pg_dump", connection)
    snapshot = await connection.scalar(text("SELECT pg_export_snapshot()"))
    schema = await connection.scalar(text("SELECT current_schema()"))
    asked = ("--format=custom", *_PLAIN, f"--snapshot={snapshot}", f"--schema={schema}", f"--file={file}")
    await _run(connection.engine.url, program, *asked)


async def undump(connection: AsyncConnection, file: Path) -> None:
    """Make the store what a file holds, in one transaction of its own: whatever fails leaves it as it was.

    Raises ValueError where pg_restore is missing, is older than the server, or fails.
    """
    program = await _program("pg_restore", connection)
    schema = await connection.scalar(text("SELECT current_schema()"))
    # Of the schema only what is in it: the schema itself is there, and an extension may belong to somebody else.
    await connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    url = connection.engine.url
    name = str(url.database or "").replace("\\", "\\\\").replace("'", "\\'")
    await _run(url, program, *_WHOLE, *_PLAIN, f"--schema={schema}", f"--dbname=dbname='{name}'", str(file))


async def _program(name: str, connection: AsyncConnection) -> str:
    """Where a program of PostgreSQL is, which has to be at least as new as the server."""
    server = int(await connection.scalar(text("SHOW server_version_num")) or 0) // 10_000
    wanted = f"a client of PostgreSQL {server} or newer (Debian: postgresql-client-{server}), first on the PATH"
    program = shutil.which(name)
    if program is None:
        raise ValueError(f"{name} is missing: this needs {wanted}")
    said = await _run(None, program, "--version")
    found = re.search(r"\b(\d+)\.", said)
    if found is None or int(found[1]) < server:
        raise ValueError(f"{program} ({said.strip()}) is older than the server, which is {server}: this needs {wanted}")
    return program


async def _run(url: URL | None, program: str, *arguments: str) -> str:
    """What a program writes; its connection stands in its environment, where no list of processes shows a password."""
    environment = os.environ | dict(_environment(url)) if url else None
    process = await create_subprocess_exec(program, *arguments, env=environment, stdout=PIPE, stderr=PIPE)
    try:
        out, err = await process.communicate()
    except BaseException:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise ValueError(err.decode(errors="replace").strip() or f"{program} ended with {process.returncode}")
    return out.decode(errors="replace")


def _environment(url: URL) -> Iterator[tuple[str, str]]:
    stated: dict[str, object] = {"PGHOST": url.host, "PGPORT": url.port, "PGDATABASE": url.database}
    stated |= {"PGUSER": url.username, "PGPASSWORD": url.password}
    stated |= {_FROM_ENVIRONMENT[name]: value for name, value in url.query.items() if name in _FROM_ENVIRONMENT}
    for name, value in stated.items():
        if value is not None:
            yield name, ",".join(value) if isinstance(value, tuple) else str(value)
