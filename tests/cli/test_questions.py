"""The questions on the command line: on the store and on a server, for a person, a pipe and a script."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import anyio.to_thread
import httpx
import pytest
import typer
from httpx import AsyncClient
from pydantic import BaseModel
from rich.text import Text
from typer.main import get_command
from typer.testing import CliRunner

from app.cli import app, showing
from app.graph.routes.loops import LoopsQuestion
from app.graph.routes.paths import PathsQuestion
from app.graph.routes.timeline import TimelineQuestion
from app.graph.schemas.questions import GraphQuestion
from app.models.base import Stage
from app.models.edges import EdgeKind
from app.search.schemas import SearchQuestion
from app.shared.database import Database
from tests.cli.test_cli import told
from tests.server import free_port

TREES = {
    "deps openai --depth 2 --as-of 2025-03-12": "/v1/companies/openai/dependencies?depth=2&as_of=2025-03-12",
    "deps openai --kind capital --kind compute --stage completed --evidence reported --published-by 2025-03-12": (
        "/v1/companies/openai/dependencies?kind=capital&kind=compute&stage=completed&evidence=reported"
        "&published_by=2025-03-12"
    ),
    "dependents nvidia --kind-not capital": "/v1/companies/nvidia/dependents?kind__not=capital",
    "path openai nvidia --max-depth 2 --limit 1": "/v1/paths?from=openai&to=nvidia&max_depth=2&limit=1",
    "loops nvidia --max-length 2": "/v1/loops?company=nvidia&max_length=2",
}
LISTS = {
    "search coreweave gpu --type contracts --limit 2": "/v1/search?q=coreweave+gpu&type=contracts&limit=2",
    "timeline openai --from 2024-01-01 --to 2025-12-31": ("/v1/timeline?company=openai&from=2024-01-01&to=2025-12-31"),
    "show contracts/openai-coreweave-compute-2025": "/v1/contracts/openai-coreweave-compute-2025",
}


def url_of(database: Database) -> str:
    return database.writer.url.render_as_string(hide_password=False)


async def test_a_question_on_the_store_is_answered_as_by_the_api(article: Database, reader: AsyncClient) -> None:
    for words, path in TREES.items():
        result = await told(url_of(article), *words.split())
        assert (result.exit_code, result.stderr) == (0, ""), words
        assert result.stdout == (await reader.get(f"{path}&format=text")).text
    for words, path in (TREES | LISTS).items():
        result = await told(url_of(article), *words.split(), "--json")
        assert result.exit_code == 0, words
        assert result.stdout_bytes == (await reader.get(path)).content


async def test_lists_and_records_are_lines_in_columns(article: Database) -> None:
    first, second, *_ = (await told(url_of(article), "timeline", "openai")).stdout.splitlines()
    assert first.startswith("2023-01 ")
    assert first.endswith("  contracts/microsoft-openai-technology")
    assert first.index("Microsoft") == second.index("Microsoft")
    page = await told(url_of(article), "timeline", "--limit", "2")
    following = page.stderr.removeprefix("there is more: ").split()
    rest = await told(url_of(article), "timeline", *following)
    whole = await told(url_of(article), "timeline")
    assert [line.split()[-1] for line in (page.stdout + rest.stdout).splitlines()] == [
        line.split()[-1] for line in whole.stdout.splitlines()
    ]
    # The slug alone finds a record of any resource.
    shown = (await told(url_of(article), "show", "openai-coreweave-compute-2025")).stdout.splitlines()
    assert "value         USD 11.9 billion" in shown
    assert [line for line in shown if line.startswith("parties")][1].endswith("company openai, role customer")
    assert any(line.startswith("citations     wired-italy-2025-03-12, paragraph 1: ") for line in shown)
    found = await told(url_of(article), "search", "GPU", "coreweave", "--limit", "1")
    assert found.stdout.startswith("contracts/openai-coreweave-compute-2025  CoreWeave supplies OpenAI")


@pytest.mark.parametrize("article", ["sqlite"], indirect=True)
async def test_a_terminal_shows_the_same_in_colours(article: Database) -> None:
    plain = (await told(url_of(article), "deps", "openai")).stdout
    coloured = (await told(url_of(article), "deps", "openai", FORCE_COLOR="1", TERM="xterm")).stdout
    assert "\x1b[1mCoreWeave\x1b[0m\x1b[36m  compute\x1b[0m" in coloured
    assert Text.from_ansi(coloured).plain.split() == plain.split()
    without = await told(url_of(article), "deps", "openai", FORCE_COLOR="1", TERM="xterm", NO_COLOR="1")
    assert "\x1b[36m" not in without.stdout
    table = await told(url_of(article), "timeline", FORCE_COLOR="1", TERM="xterm", COLUMNS="100")
    assert {len(Text.from_ansi(line).plain) for line in table.stdout.splitlines()} <= set(range(101))
    assert "announced" in table.stdout


def test_every_kind_and_stage_has_its_colour() -> None:
    assert set(get_args(EdgeKind)) == showing.KINDS
    assert set(get_args(Stage)) == showing.STAGES


def test_what_was_recorded_cannot_write_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    showing.show_table(("what",), [("\x1b]0;mine\x07 [red]here[/red]\nthere",)])
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "[red]here[/red] there\n" in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("deps oracle", 1, ""),
        ("path nvidia stargate", 1, ""),
        ("search zzzqqq", 1, "nothing was found"),
        ("timeline --from 2099-01-01", 1, "nothing was found"),
        ("deps opnai", 1, "did you mean 'openai'?"),
        ("path opnai nvidia", 1, "did you mean 'openai'?"),
        ("loops nvida", 1, "did you mean 'nvidia'?"),
        ("timeline opnai", 1, "did you mean 'openai'?"),
        ("show openai-corewave-compute-2025", 1, "did you mean 'contracts/openai-coreweave-compute-2025'?"),
        ("show fleets/coreweave", 1, "did you mean 'coreweave-2025-03'?"),
        ("deps openai --depth 9", 2, "depth: at most 8 is needed, not '9'"),
        ("path openai openai", 2, "from and to are the same company"),
        ("show contract/x", 2, "there are no 'contract'"),
        ("deps openai --url there:8000", 2, "begins with http"),
        ("deps", 2, "Missing argument"),
    ],
)
@pytest.mark.parametrize("article", ["sqlite"], indirect=True)
async def test_the_exit_code_says_how_it_went(article: Database, words: str, code: int, said: str) -> None:
    result = await told(url_of(article), *words.split(), COLUMNS="200")
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert bool(result.stderr) == bool(said)


async def test_a_store_that_cannot_be_asked_ends_with_3(tmp_path: Path, store: Database) -> None:
    missing = tmp_path / "none.db"
    result = await told(f"sqlite:///{missing}", "deps", "openai")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "there is no store" in result.stderr
    assert not missing.exists()
    away = await told(f"postgresql://me:s3cret@127.0.0.1:{free_port()}/deals", "deps", "openai")
    assert away.exit_code == 3
    assert "cannot be used" in away.stderr
    assert "s3cret" not in away.stderr
    async with store.writing() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    old = await told(url_of(store), "deps", "openai")
    assert (old.exit_code, old.stdout) == (3, "")
    assert "run dealgraph migrate" in old.stderr


@pytest.mark.parametrize("article", ["sqlite"], indirect=True)
async def test_the_store_is_asked_as_its_owner_and_nothing_else_is_done(
    article: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a key where others need one, and without delivering to webhooks."""
    monkeypatch.setattr("app.main.delivering", None)
    result = await told(url_of(article), "deps", "openai", DEALGRAPH_PUBLIC_READS="false")
    assert result.exit_code == 0, result.output


Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Handler], list[httpx.Request]]:
    """What a server answers to one request after another, and what it was asked; no time passes between two tries."""
    answers, seen = list[Handler](), list[httpx.Request]()
    real = httpx.AsyncClient

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers.pop(0)(request)

    def client(**how: Any) -> httpx.AsyncClient:  # noqa: ANN401 - as httpx takes them
        return real(transport=httpx.MockTransport(answer), **how)

    monkeypatch.setattr("app.cli.remote.httpx.AsyncClient", client)
    monkeypatch.setattr("app.cli.remote.time.sleep", lambda _seconds: None)
    return answers, seen


async def test_a_server_is_asked_with_its_key_and_again_when_it_is_busy(
    server: tuple[list[Handler], list[httpx.Request]],
) -> None:
    answers, seen = server
    answers += [
        lambda _: httpx.Response(503, headers={"Retry-After": "7"}),
        lambda _: httpx.Response(308, headers={"Location": "/v1/companies/openai/dependencies?format=json"}),
        lambda _: httpx.Response(200, content=b'{"edges": [{}]}'),
    ]
    words = ("deps", "OpenAI", "--url", "http://there/", "--kind", "capital", "--kind", "compute", "--json")
    result = await told("sqlite:///unused.db", *words, DEALGRAPH_KEY="dg_1_2")
    assert (result.exit_code, result.stdout) == (0, '{"edges": [{}]}')
    assert result.stderr == "the server answers 503; trying again in 7 s\n"
    asked = "http://there/v1/companies/OpenAI/dependencies?kind=capital&kind=compute&format=json"
    assert [str(request.url) for request in seen[:2]] == [asked, asked]
    assert {request.headers["Authorization"] for request in seen} == {"Bearer dg_1_2"}


async def test_a_server_that_is_away_or_lets_nobody_in_ends_with_3(
    server: tuple[list[Handler], list[httpx.Request]],
) -> None:
    def failing(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody listens")

    answers, _ = server
    answers += [failing] * 3
    away = await told("sqlite:///unused.db", "loops", DEALGRAPH_URL="http://there")
    assert away.exit_code == 3
    assert "could not be asked, 3 times: nobody listens" in away.stderr
    for status in (401, 403, 500):
        answers.append(lambda _, status=status: httpx.Response(status))  # type: ignore[misc]
        assert (await told("sqlite:///unused.db", "loops", "--url", "http://there")).exit_code == 3
    # A shell that completes a slug waits for nobody, and says nothing.
    answers.append(failing)
    assert await completed("sqlite:///unused.db", "dealgraph deps --url http://there o") == "\n"


@pytest.mark.parametrize("article", ["sqlite"], indirect=True)
async def test_a_shell_completes_commands_and_slugs(article: Database) -> None:
    assert (await completed(url_of(article), "dealgraph dep")).split() == ["deps", "dependents"]
    assert (await completed(url_of(article), "dealgraph deps co")).split() == ["coreweave"]
    assert "openai" in (await completed(url_of(article), "dealgraph path openai ")).split()


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("deps", GraphQuestion),
        ("dependents", GraphQuestion),
        ("path", PathsQuestion),
        ("loops", LoopsQuestion),
        ("search", SearchQuestion),
        ("timeline", TimelineQuestion),
    ],
)
def test_a_command_has_every_parameter_of_its_question(name: str, question: type[BaseModel]) -> None:
    command: Any = get_command(app)
    context = typer.Context(command)
    options = {option for one in command.get_command(context, name).params for option in one.opts}
    shape = {"format", "width"}
    in_place = {"search": {"q"}, "path": {"from", "to"}, "loops": {"company"}, "timeline": {"company"}}
    wanted = set(question.model_json_schema()["properties"]) - shape - in_place.get(name, set())
    assert {f"--{parameter.replace('__', '-').replace('_', '-')}" for parameter in wanted} <= options


async def test_the_help_names_every_command_and_says_what_it_is_for() -> None:
    said = (await told("sqlite:///unused.db", "--help", COLUMNS="120")).stdout
    named = dict(re.findall(r"^│ ([a-z]+) {2,}([A-Z].{10,})│$", said, re.MULTILINE))
    command: Any = get_command(app)
    assert set(named) == set(command.list_commands(None)) >= {"deps", "serve", "keys"}
    assert "rebuild" in (await told("sqlite:///unused.db", "index", "--help")).stdout


def test_what_asks_a_server_does_not_wait_for_what_asks_a_store() -> None:
    """Commands are imported one by one: the app and its database took five times as long as all else."""
    asked = (
        "import sys; from app.cli import questions, records, remote; print({'sqlalchemy', 'fastapi'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


async def completed(url: str, words: str) -> str:
    """What a shell is offered for the last word."""
    typed = {"_DEALGRAPH_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    environment = {"DEALGRAPH_DATABASE_URL": url, **typed}
    invoke = CliRunner().invoke
    result = await anyio.to_thread.run_sync(lambda: invoke(app, env=environment, prog_name="dealgraph"))
    return result.output
