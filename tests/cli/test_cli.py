"""The command line: what it does, what it says, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio.to_thread
import httpx
import pytest
import uvicorn
from sqlalchemy import delete, select, text, update
from sqlalchemy.engine import make_url
from typer.testing import CliRunner, Result

from app.cli import app
from app.models.companies import companies
from app.models.edges import edges
from app.shared.database import Database
from app.shared.schema import newest
from app.shared.settings import Settings
from tests.factories import one_of_each, put
from tests.server import free_port

COMMAND = str(Path(sys.executable).with_name("dealgraph"))
SECONDS = 30


async def told(url: str, *arguments: str, **environment: str) -> Result:
    """What a command does on a store, in this process but in a loop of its own."""
    variables = {"DEALGRAPH_DATABASE_URL": url, **environment}
    return await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, arguments, env=variables))


def assert_failed(result: Result, *words: str) -> None:
    """An exit with 1, one line for the reason, and no traceback."""
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    (line,) = result.stderr.splitlines()
    assert line.startswith("dealgraph: ")
    for word in words:
        assert word in line


async def test_migrate_says_the_schema_before_and_after(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    first, second = await told(url, "migrate"), await told(url, "migrate")
    assert (first.exit_code, first.stdout) == (0, f"schema {newest()} (was empty)\n")
    assert (second.exit_code, second.stdout) == (0, f"schema {newest()}\n")


@pytest.mark.parametrize("command", ["seed", "export", "check"])
async def test_on_a_store_without_tables_a_command_says_how_it_gets_them(command: str, tmp_path: Path) -> None:
    assert_failed(await told(f"sqlite:///{tmp_path}/new.db", command), "no such table", "dealgraph migrate")


async def test_seed_says_what_it_did_and_does_it_once(store_url: str) -> None:
    first, second = await told(store_url, "seed"), await told(store_url, "seed")
    assert first.stdout.startswith("wired-2025-03-12.yaml: ")
    assert " created (3 sources, 9 companies, " in first.stdout
    assert second.stdout == first.stdout.replace("created", "unchanged")


async def test_seed_takes_a_folder_of_the_user(store_url: str, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("companies:\n- {slug: b, name: B, kind: other, parent: a}\n")
    (tmp_path / "a.yaml").write_text("companies:\n- {slug: a, name: A, kind: other}\n")
    said = "a.yaml: 1 created (1 companies)\nb.yaml: 1 created (1 companies)\n"
    assert (await told(store_url, "seed", str(tmp_path))).stdout == said
    again = await told(store_url, "seed", DEALGRAPH_SEED_PATH=str(tmp_path))
    assert again.stdout == said.replace("created", "unchanged")


async def test_a_seed_with_a_bad_record_is_refused_whole_with_every_reason(store_url: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "companies:\n- {slug: a, name: A, kind: other}\n- {slug: b, name: B, kind: bank}\n- {slug: c}\n"
    )
    result = await told(store_url, "seed", str(tmp_path))
    assert result.exit_code == 1
    first, *reasons = result.stderr.splitlines()
    assert first == "dealgraph: nothing was loaded:"
    assert [reason.split(": ")[:2] for reason in reasons] == [
        ["line 3", "/kind"],
        ["line 4", "/name"],
        ["line 4", "/kind"],
    ]
    async with Database(Settings(database_url=store_url)).reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM records"))).scalar_one() == 0


@pytest.mark.parametrize(("content", "said"), [(None, "no YAML file"), ("- a", "bad.yaml"), ("a: [", "line 1")])
async def test_a_folder_or_file_that_cannot_be_read_is_said_in_one_line(
    store_url: str, tmp_path: Path, content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "bad.yaml").write_text(content)
    assert_failed(await told(store_url, "seed", str(tmp_path)), said)


async def test_edges_that_follow_from_the_records_pass_the_check(store: Database, store_url: str) -> None:
    await put(store, **one_of_each())
    result = await told(store_url, "edges", "check")
    assert (result.exit_code, result.stdout) == (0, "2 edges kept, 0 of them not implied, 0 missing\n")


@pytest.fixture
async def tampered(store: Database) -> None:
    """One edge was taken away and another was changed behind our back."""
    await put(store, **one_of_each())
    async with store.writing() as connection:
        await connection.execute(delete(edges).where(edges.c.kind == "capital"))
        await connection.execute(update(edges).where(edges.c.kind == "compute").values(stage="rumoured"))


@pytest.mark.usefixtures("tampered")
async def test_edges_that_were_tampered_with_fail_the_check_which_says_which(store_url: str) -> None:
    result = await told(store_url, "edges", "check")
    assert result.exit_code == 1
    assert sorted(result.stdout.splitlines()) == [
        "  missing: capital of coreweave on nvidia, from investments/nvidia-coreweave",
        "  missing: compute of openai on coreweave, from contracts/openai-coreweave",
        "  not implied: compute of openai on coreweave, from contracts/openai-coreweave",
        "1 edges kept, 1 of them not implied, 2 missing",
    ]


@pytest.mark.usefixtures("tampered")
async def test_a_rebuild_mends_them(store_url: str) -> None:
    result = await told(store_url, "edges", "rebuild")
    assert (result.exit_code, result.stdout) == (0, "2 edges rebuilt\n")
    assert (await told(store_url, "edges", "check")).exit_code == 0


@pytest.mark.parametrize("command", [("migrate",), ("seed",), ("edges", "check"), ("serve",)])
async def test_a_store_that_is_not_there_is_said_in_one_line_without_the_password(command: tuple[str, ...]) -> None:
    url = f"postgresql://me:s3cret@127.0.0.1:{free_port()}/deals"
    result = await told(url, *command)
    assert_failed(result, "me:***@127.0.0.1", "cannot be used", "Connect call failed")
    assert "s3cret" not in result.output


# aiosqlite's thread reports that it ended to an event loop that may be closed by then; the command has ended too.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_sqlite_file_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    assert_failed(await told(f"sqlite:///{tmp_path}/no/such/folder.db", "serve"), "unable to open database file")
    (tmp_path / "garbage.db").write_bytes(b"not a database" * 500)
    assert_failed(await told(f"sqlite:///{tmp_path}/garbage.db", "serve"), "file is not a database")


async def test_a_database_that_does_not_exist_is_said_in_one_line(postgresql_server: str) -> None:
    url = make_url(postgresql_server).set(database="no-such-database").render_as_string(hide_password=False)
    assert_failed(await told(url, "migrate"), "cannot be used", "does not exist")


async def test_a_store_of_a_schema_that_is_not_ours_is_left_alone_and_said_in_one_line(
    store: Database, store_url: str
) -> None:
    async with store.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '3f2a'"))
    assert_failed(await told(store_url, "serve"), "a schema that this code does not know (3f2a)")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEALGRAPH_POOL_SIZE", "many", "a whole number is needed"),
        ("DEALGRAPH_POOL_SIZE", "0", "at least 1 is needed"),
        ("DEALGRAPH_DATABASE_URL", "mysql://me:s3cret@h/d", "no support for 'mysql'"),
        ("DEALGRAPH_LOG_FORMAT", "xml", "console"),
        ("DEALGRAPH_RATE_LIMIT", "many", "as in 600/minute"),
        ("DEALGRAPH_TRUSTED_PROXIES", "*", "'*' is no address"),
        ("DEALGRAPH_TRUSTED_PROXIES", "::1,10.0.0.1/8", "'10.0.0.1/8' is no address"),
        ("DEALGRAPH_PUBLIC_READS", "perhaps", "true or false is needed"),
    ],
)
async def test_a_bad_setting_is_named_in_one_line(name: str, value: str, said: str) -> None:
    result = await told("sqlite:///unused.db", "serve", **{name: value})
    assert_failed(result, f"{name}: ", said)
    assert "s3cret" not in result.output


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[uvicorn.Config]:
    """How servers would have been started, none of which is."""
    configs: list[uvicorn.Config] = []

    def start(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        configs.append(server.config)
        sockets[0].close()

    monkeypatch.setattr(uvicorn.Server, "run", start)
    return configs


async def test_only_a_store_that_is_empty_is_seeded_when_it_is_served(
    store_url: str, store: Database, started: list[uvicorn.Config]
) -> None:
    first = await told(store_url, "serve", "--port", "0")
    assert " created (3 sources, " in first.stdout
    await put(store, companies=[{"slug": "openai", "name": "OpenAI, as an editor has it", "kind": "ai_lab"}])
    second = await told(store_url, "serve", "--port", "0")
    assert "the store holds records already" in second.stdout
    async with store.reading() as connection:
        name = await connection.scalar(select(companies.c.name).where(companies.c.slug == "openai"))
    assert (name, len(started)) == ("OpenAI, as an editor has it", 2)


async def test_code_of_before_serves_a_store_of_a_later_schema(
    store_url: str, store: Database, started: list[uvicorn.Config]
) -> None:
    """Both are in service while a release goes on, and the code before comes back where it has to be taken back."""
    async with store.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    result = await told(store_url, "serve", "--port", "0")
    assert result.stdout.startswith("schema 9999, later than this code\n")
    assert len(started) == 1


@pytest.mark.parametrize(("proxies", "trusted"), [(None, []), ("10.0.0.0/8, ::1", "10.0.0.0/8, ::1")])
async def test_only_a_proxy_that_is_named_is_believed_about_the_address_of_a_client(
    store_url: str, started: list[uvicorn.Config], proxies: str | None, trusted: object
) -> None:
    given = {"DEALGRAPH_TRUSTED_PROXIES": proxies} if proxies else {}
    result = await told(store_url, "serve", "--no-seed", "--port", "0", **given)
    assert result.exit_code == 0, result.output
    assert [config.forwarded_allow_ips for config in started] == [trusted]


async def test_a_port_that_is_taken_is_said_in_one_line(store_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = await told(store_url, "serve", "--no-seed", "--port", str(taken.getsockname()[1]))
    assert_failed(result, "cannot listen", "in use")


def environment(url: str) -> dict[str, str]:
    """The environment of a process that works on a store."""
    return {**os.environ, "DEALGRAPH_DATABASE_URL": url}


@contextmanager
def serving(url: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The installed command as it serves a store, and the address that it says."""
    pipe = subprocess.PIPE
    command = [COMMAND, "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, env=environment(url), stdout=pipe, stderr=pipe, text=True) as process:
        try:
            lines = process.stdout or ()
            said = next(line for line in lines if line.startswith("Dealgraph listens on "))
            yield process, said.split()[-1]
        finally:
            process.terminate()


def test_the_installed_command_serves_the_seed_and_stops_when_it_is_told_to(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/new.db") as (process, address):
        reply = httpx.get(f"{address}/v1/companies/openai/dependencies?format=text", timeout=SECONDS)
        assert reply.text.startswith("OpenAI depends on")
        assert "Server" not in reply.headers
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=SECONDS)
        assert process.returncode in {0, -signal.SIGTERM}
        (line,) = errors.splitlines()
        assert "route=/v1/companies/{slug}/dependencies status=200" in line


def test_without_the_seed_a_new_store_is_served_empty_by_any_number_of_workers(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/new.db", "--no-seed", "--workers", "2") as (_, address):
        reply = httpx.get(f"{address}/v1/companies?count=true", timeout=SECONDS)
        assert reply.json() == {"data": [], "next": None, "total": 0}


def test_a_store_that_is_not_there_ends_the_installed_command_with_1() -> None:
    url = f"postgresql://127.0.0.1:{free_port()}/deals"
    command = [COMMAND, "serve"]
    ended = subprocess.run(command, env=environment(url), capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1
