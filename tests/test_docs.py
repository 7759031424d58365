"""The documents say what is so: every command, setting, folder, link and path in them."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonata import Jsonata

from app.shared.settings import Settings
from tests.describing import described
from tests.server import free_port, running

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text()
ARCHITECTURE = (REPOSITORY / "ARCHITECTURE.md").read_text()
CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text()
RELIABILITY = (REPOSITORY / "docs/reliability.md").read_text()
DOCUMENTS = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), *(REPOSITORY / "seed").glob("*.md")]
)
TRANSCRIPTS = [README, *((REPOSITORY / "docs" / name).read_text() for name in ("lists.md", "terminal.md", "mcp.md"))]
"""The documents whose commands are run, and have to say what is shown below them."""
ADDRESS = "localhost:8000"

pytestmark = pytest.mark.xdist_group("docs")


def sessions(text: str) -> list[tuple[str, str]]:
    """The commands of the console blocks of a document, each with the output that is shown below it."""
    blocks: list[str] = re.findall(r"^```console\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    shown = [re.fullmatch(r"(.*\n(?:>.*\n)*)((?s:.*))", part) for part in parts]
    return [(re.sub(r"^> ?", "", one[1], flags=re.MULTILINE).rstrip("\n"), one[2]) for one in shown if one]


def spans(text: str, start: str) -> list[str]:
    """What stands in code spans and begins with some words."""
    return re.findall(rf"(?<!`)`({re.escape(start)}[^`\n]*)`", text)


def masked(text: str) -> str:
    """A text without what differs from one run to the next: when something was recorded, and the id of a request."""
    return re.sub(r'("(?:recorded_at|request_id)": |^recorded_at +)[^,\s]+', r"\1…", text, flags=re.MULTILINE)


def commands(port: int) -> dict[str, str]:
    """The environment in which the commands of a document run: ours are found, and ask the server."""
    ours = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": ours, "DEALGRAPH_URL": f"http://127.0.0.1:{port}"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working folder, which holds the store."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[httpx.Client]:
    """What ``make run`` serves, on a port that is free."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "dealgraph"), "serve", "--port", str(port)]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DEALGRAPH_")}
    with running(command, port, cwd=folder, env=ours) as client:
        yield client


def test_the_first_screen_has_three_commands_with_outputs() -> None:
    first = sessions(README.partition("\n## ")[0])
    assert len(first) == 3
    assert all(output for _, output in first)


@pytest.mark.parametrize(("command", "shown"), [one for text in TRANSCRIPTS for one in sessions(text)])
def test_a_command_gives_the_output_that_is_shown(server: httpx.Client, folder: Path, command: str, shown: str) -> None:
    port = server.base_url.port or 0
    here = command.replace(ADDRESS, f"127.0.0.1:{port}")
    done = subprocess.run(
        ["sh", "-c", here], capture_output=True, text=True, check=True, cwd=folder, env=commands(port)
    )
    assert masked(done.stdout).strip("\n") == masked(shown).strip("\n")


@pytest.mark.parametrize("path", spans(README, "/v1/"))
def test_a_question_of_the_readme_is_answered(server: httpx.Client, path: str) -> None:
    assert server.get(path).status_code == 200


@pytest.mark.parametrize("pair", [pair for pair in spans(README, "") if re.fullmatch(r"\w+=[\w:.-]+", pair)])
def test_a_parameter_of_the_readme_is_one_of_the_graphs(server: httpx.Client, pair: str) -> None:
    assert server.get(f"/v1/companies/openai/dependencies?{pair}").status_code != 400


def test_the_shapes_of_the_readme_are_all_that_there_are() -> None:
    operation = described()["paths"]["/v1/companies/{slug}/dependencies"]["get"]
    its = next(one for one in operation["parameters"] if one["name"] == "format")
    offered = re.findall(r'"enum": (\[[^]]*\])', json.dumps(its))
    sentence = re.search(r"A graph comes as (.*?), by", README, re.DOTALL)
    assert sentence
    assert re.findall(r"`(\w+)`", sentence[1]) == json.loads(offered[0])


def test_every_setting_is_documented_with_its_default() -> None:
    text = (REPOSITORY / "docs/settings.md").read_text()
    documented = dict(re.findall(r"^\| `(DEALGRAPH_\w+)` \| (?:`(.*?)`)? *\|", text, re.MULTILINE))
    fields = Settings.model_fields.items()
    assert documented == {
        f"DEALGRAPH_{name.upper()}": "" if field.default is None else str(field.default) for name, field in fields
    }


def test_the_architecture_fits_a_screen_and_names_every_folder_of_the_app() -> None:
    assert len(ARCHITECTURE.splitlines()) <= 60
    folders = {path.parent.name for path in (REPOSITORY / "app").rglob("*.py")} - {"app"}
    assert [name for name in sorted(folders) if f"{name}/" not in ARCHITECTURE] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_decision_can_be_found_from_the_map_or_the_guide() -> None:
    pages = {f"docs/decisions/{page.name}" for page in (REPOSITORY / "docs/decisions").glob("*.md")}
    linked = set(re.findall(r"\((docs/decisions/[^)]+)\)", ARCHITECTURE + CONTRIBUTING))
    assert pages
    assert pages == linked


def test_every_measured_table_has_a_benchmark_that_writes_it_and_an_end() -> None:
    page = (REPOSITORY / "docs/performance.md").read_text()
    marks = re.findall(r"^<!-- (?:measured: (\w+)[\w ]*|end) -->$", page, re.MULTILINE)
    named = [name for name in marks if name]
    assert named
    assert marks == [mark for name in named for mark in (name, "")]
    for name in named:
        assert f'publish("{name}' in (REPOSITORY / f"benchmarks/{name}.py").read_text()


def test_every_page_that_the_code_points_at_exists() -> None:
    sources = [path.read_text() for folder in ("app", "migrations") for path in (REPOSITORY / folder).rglob("*.py")]
    pages = {page for source in sources for page in re.findall(r"docs/[\w/-]+\.md", source)}
    assert pages
    assert [page for page in sorted(pages) if not (REPOSITORY / page).exists()] == []


def test_every_file_that_the_guide_names_exists() -> None:
    named = [name for name in spans(CONTRIBUTING, "") if re.fullmatch(r"(app|tests|docs|seed)/[\w/.-]+", name)]
    missing = [name for name in named if not (REPOSITORY / name).exists()]
    assert named
    assert [name for name in missing if "patents" not in name] == []


def make_targets() -> set[str]:
    """What ``make`` can be asked for."""
    return set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("row", re.findall(r"^\| (?!promise|---)(.*) \|$", RELIABILITY, re.MULTILINE))
def test_every_promise_has_a_test_its_figures_and_the_command_that_runs_it(row: str) -> None:
    _, tests, tried, failed, command = row.split(" | ")
    told = re.fullmatch(r"`(?:\w+=\w+ )*make ([a-z-]+)(?: ARGS='([^']+)')?`", command)
    assert told
    assert told[1] in make_targets()
    for test in re.findall(r"`([^`]+)`", tests):
        file, *within = test.split("::")
        name = rf"{within[-1]}\(" if within else "test_"
        assert re.search(rf"^ *(async )?def {name}", (REPOSITORY / file).read_text(), re.MULTILINE)
        assert any(file.startswith(part) for part in (told[2] or file).split())
    assert re.match(r"[1-9]", tried)
    assert re.fullmatch(r"[0-9,]+", failed)


def test_every_make_target_that_the_documents_name_is_in_the_makefile() -> None:
    commands = [command for text in (README, CONTRIBUTING) for command in spans(text, "make ")]
    blocks = re.findall(r"^ *(make .*)$", README + CONTRIBUTING, re.MULTILINE)
    words = {word for command in (*commands, *blocks) for word in re.sub(r"\w+='.*?'", "", command).split()[1:]}
    assert words
    assert words <= make_targets()


def test_every_panel_of_the_dashboard_finds_what_it_shows(server: httpx.Client) -> None:
    """Without Grafana: its variables put in, each question is asked, and each selector finds something."""
    board = json.loads((REPOSITORY / "docs/grafana/dealgraph.json").read_text())
    variables = {one["name"]: one for one in board["templating"]["list"]}
    values = {name: one["current"]["value"] for name, one in variables.items()}
    # One of whom most is stated: no figure of it is left out.
    values |= {
        "company": "coreweave",
        "address": "",
        "__from:date:YYYY-MM-DD": "2023-01-01",
        "__to:date:YYYY-MM-DD": "2025-03-31",
    }

    def put_in(text: str) -> str:
        return re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], text)

    targets = [target for panel in board["panels"] for target in panel["targets"]]
    targets.append(variables["company"]["query"]["infinityQuery"])
    for target in targets:
        reply = server.get(put_in(target["url"]))
        assert reply.status_code == 200, reply.text
        found = Jsonata(target["root_selector"] or "$").evaluate(reply.json())
        rows = found if isinstance(found, list) else [found]
        assert rows
        for column in target["columns"]:
            path = column["selector"].split(".")
            assert all(path[0] in row for row in rows), (target["url"], column)
            assert any(_at(row, path) is not None for row in rows), (target["url"], column)
    for ranked in variables["by"]["options"]:
        assert server.get(f"/v1/rankings?by={ranked['value']}").json()["data"]
    (picture,) = re.findall(r'src="([^"]+)"', json.dumps(board).replace('\\"', '"'))
    assert server.get(put_in(picture)).headers["Content-Type"] == "image/svg+xml"


def _at(row: object, path: list[str]) -> object:
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return row


def test_every_cell_of_the_notebook_runs_and_shows_something(
    server: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a script: a Jupyter kernel would bring thirty packages more, and say no more of the cells."""
    monkeypatch.setenv("DEALGRAPH_URL", str(server.base_url))
    notebook = json.loads((REPOSITORY / "docs/notebooks/pandas.ipynb").read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    names: dict[str, Any] = {}
    for cell in cells:
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell["id"], "exec"), names)  # noqa: S102 - our own page
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), cell["id"], "eval"), names)  # noqa: S307 - the same
            assert len(shown) > 0, cell["id"]
    assert isinstance(last, ast.Expr)
    names["api"].close()
