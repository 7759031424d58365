"""Every shape of a graph, by ``?format=`` and by ``Accept``, read by the readers that others use."""

import csv
import io
import re
import subprocess
import sysconfig
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pydot
import pytest
from httpx import AsyncClient

from app.shared.database import Database
from app.shared.settings import Settings
from app.transfer.seed import seed
from tests.conftest import empty_store, serving
from tests.graph.asking import Hop, ask, hop, problem
from tests.graph.small_world import DAY, World

ON = "as_of=2025-03-12"
GRAPHS = {
    "dependencies": f"/v1/companies/openai/dependencies?{ON}",
    "dependents": f"/v1/companies/nvidia/dependents?{ON}",
    "paths": f"/v1/paths?from=openai&to=nvidia&{ON}",
    "loops": f"/v1/loops?{ON}",
}
TYPES = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "mermaid": "text/vnd.mermaid; charset=utf-8",
    "dot": "text/vnd.graphviz; charset=utf-8",
    "graphml": "application/graphml+xml",
    "svg": "image/svg+xml",
}
GRAPHVIZ = Path(sysconfig.get_path("scripts")) / "graphviz-pure"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
async def drawing(templates: Path) -> AsyncIterator[AsyncClient]:
    """Asks the article in a store of one kind: what is drawn does not hang on the database."""
    async with empty_store("sqlite", templates, "") as url:
        database = Database(Settings(database_url=url))
        await seed(database)
        await database.close()
        async with serving(url) as client:
            yield client


async def shaped(client: AsyncClient, graph: str, shape: str, more: str = "") -> str:
    """An answer in a shape that is asked for by its name."""
    reply = await client.get(f"{GRAPHS[graph]}&format={shape}{more}")
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == TYPES[shape]
    assert reply.headers["vary"] == "Accept"
    return reply.text


async def edges_of(client: AsyncClient, graph: str) -> list[Hop]:
    """The edges of the same answer in JSON, each once, in its order; of circular deals from whom value goes to whom."""
    answer = await ask(client, GRAPHS[graph])
    groups = {"paths": answer.get("paths"), "loops": answer.get("data")}.get(graph) or [answer]
    edges = [edge for group in groups for edge in group["edges"]]
    return list(dict.fromkeys(_as_value_goes(edge) if graph == "loops" else hop(edge) for edge in edges))


def _as_value_goes(edge: dict[str, Any]) -> Hop:
    dependent, on, kind, record = hop(edge)
    return (on, dependent, kind, record) if edge["flow"] == "against" else (dependent, on, kind, record)


@pytest.mark.parametrize("shape", [shape for shape in TYPES if shape != "svg"])
@pytest.mark.parametrize("graph", GRAPHS)
async def test_accept_and_format_ask_for_the_same_bytes(reader: AsyncClient, graph: str, shape: str) -> None:
    by_name = await shaped(reader, graph, shape)
    media_type = TYPES[shape].partition(";")[0]
    by_accept = await reader.get(GRAPHS[graph], headers={"Accept": media_type})
    assert (by_accept.text, by_accept.headers["content-type"]) == (by_name, TYPES[shape])
    assert by_accept.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("accept", "shape"),
    [
        ("*/*", "json"),
        ("text/*", "text"),
        ("application/*", "json"),
        ("text/csv;q=0.8, text/plain;q=0.9", "text"),
        ("text/csv, application/json;q=0.5", "csv"),
        ("text/html, application/json;q=0.1", "json"),
        ("TEXT/VND.MERMAID", "mermaid"),
        ("*/*, application/json;q=0", "text"),
        ("text/html, text/*;q=0.3, */*;q=0.1", "text"),
    ],
)
async def test_the_best_liked_shape_is_given(reader: AsyncClient, accept: str, shape: str) -> None:
    reply = await reader.get(GRAPHS["loops"], headers={"Accept": accept})
    assert (reply.status_code, reply.headers["content-type"]) == (200, TYPES[shape])


async def test_a_format_that_is_named_outweighs_accept(reader: AsyncClient) -> None:
    reply = await reader.get(GRAPHS["paths"] + "&format=csv", headers={"Accept": "text/html"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, TYPES["csv"])


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize(
    "accept", ["text/html", "application/pdf, image/png", "application/json;q=0", "application/json;q=x"]
)
async def test_a_shape_that_no_answer_has_is_not_acceptable(reader: AsyncClient, graph: str, accept: str) -> None:
    said = problem(await reader.get(GRAPHS[graph], headers={"Accept": accept}), 406)
    assert "image/svg+xml" in said["errors"][0]["detail"]
    assert said["errors"][0]["suggestion"] == "application/json"


@pytest.mark.parametrize("graph", GRAPHS)
async def test_an_unknown_format_is_refused_with_the_nearest(reader: AsyncClient, graph: str) -> None:
    said = problem(await reader.get(f"{GRAPHS[graph]}&format=mermaidd"), 400)
    assert [(flaw["parameter"], flaw["suggestion"]) for flaw in said["errors"]] == [("format", "mermaid")]


async def test_a_problem_is_told_as_json_whatever_shape_was_asked_for(reader: AsyncClient) -> None:
    problem(await reader.get("/v1/companies/nobody/dependencies?format=svg"), 404)
    problem(await reader.get("/v1/paths?from=openai&to=openai&format=text"), 400)


@pytest.mark.parametrize("graph", GRAPHS)
async def test_networkx_opens_graphml_with_every_edge(reader: AsyncClient, graph: str) -> None:
    opened: Any = nx.parse_graphml(await shaped(reader, graph, "graphml"), edge_key_type=str)
    found = [(tail, head, data["kind"], data["record"]) for tail, head, data in opened.edges(data=True)]
    assert sorted(found) == sorted(await edges_of(reader, graph))
    assert opened.nodes["nvidia"]["name"] == "Nvidia"
    assert opened.graph["as_of"] == "2025-03-12"


async def test_networkx_finds_the_circular_deals_of_an_answer_in_its_graphml(reader: AsyncClient) -> None:
    circles = [loop["nodes"] for loop in (await ask(reader, GRAPHS["loops"]))["data"]]
    graph: Any = nx.parse_graphml(await shaped(reader, "loops", "graphml"), edge_key_type=str)
    found = [frozenset(cycle) for cycle in nx.simple_cycles(nx.DiGraph(graph))]
    assert {frozenset(circle) for circle in circles} <= set(found)
    assert all(graph.has_edge(*pair) for circle in circles for pair in pairwise([*circle, circle[0]]))


@pytest.mark.parametrize("by", ["value", "dependency"])
async def test_a_spreadsheet_tells_which_rows_are_one_loop_and_which_way_it_goes(reader: AsyncClient, by: str) -> None:
    circles = [loop["nodes"] for loop in (await ask(reader, f"{GRAPHS['loops']}&by={by}"))["data"]]
    rows = csv.DictReader(io.StringIO(await shaped(reader, "loops", "csv", f"&by={by}"), newline=""))
    ways = dict[str, dict[tuple[str, str], None]]()
    for row in rows:
        ways.setdefault(row["loop"], {})[row["from"], row["to"]] = None
    assert list(ways) == [str(number) for number in range(1, len(circles) + 1)]
    assert [list(way) for way in ways.values()] == [list(pairwise([*circle, circle[0]])) for circle in circles]


@pytest.mark.filterwarnings("ignore:.* deprecated - use")  # pydot's, of pyparsing
@pytest.mark.parametrize("graph", GRAPHS)
async def test_pydot_reads_dot_with_every_edge(reader: AsyncClient, graph: str) -> None:
    (read,) = pydot.graph_from_dot_data(await shaped(reader, graph, "dot")) or []
    assert len(read.get_edges()) == len(await edges_of(reader, graph))
    assert read.get_node('"nvidia"')[0].get("URL") == '"/v1/companies/nvidia"'


@pytest.mark.parametrize("graph", GRAPHS)
async def test_graphviz_draws_dot(drawing: AsyncClient, graph: str) -> None:
    dot = await shaped(drawing, graph, "dot")
    run = subprocess.run([GRAPHVIZ, "-Tsvg"], input=dot.encode(), capture_output=True, check=True)  # noqa: ASYNC221 - nothing else runs
    drawn = ET.fromstring(run.stdout)  # noqa: S314 - Graphviz made it
    groups = [element.get("class") for element in drawn.iter(f"{SVG}g")]
    assert groups.count("edge") == len(await edges_of(drawing, graph))


@pytest.mark.parametrize("graph", GRAPHS)
async def test_a_spreadsheet_gets_a_row_for_every_edge(reader: AsyncClient, graph: str) -> None:
    rows = list(csv.DictReader(io.StringIO(await shaped(reader, graph, "csv"), newline="")))
    found = dict.fromkeys((row["from"], row["to"], row["kind"], row["record"]) for row in rows)
    assert list(found) == await edges_of(reader, graph)
    fleet = next(row for row in rows if row["record"] == "coreweave-2025-03")
    assert (fleet["amount_low"], fleet["amount_high"], fleet["amount_unit"]) == ("250000", "", "gpu")


@pytest.mark.parametrize("graph", GRAPHS)
async def test_mermaid_has_an_arrow_for_every_edge(reader: AsyncClient, graph: str) -> None:
    chart = await shaped(reader, graph, "mermaid")
    assert "flowchart LR" in chart
    arrows = re.findall(r"^  n\d+ (?:-->|==>|-\.->)\|", chart, re.MULTILINE)
    assert len(arrows) == len(await edges_of(reader, graph))


@pytest.mark.parametrize(
    ("graph", "title"),
    [
        ("dependencies", "OpenAI depends on (as of 2025-03-12)"),
        ("dependents", "Nvidia is depended on by (as of 2025-03-12)"),
        ("paths", "How OpenAI depends on Nvidia (as of 2025-03-12)"),
        ("loops", "Circular deals (as of 2025-03-12)"),
    ],
)
async def test_the_terminal_gets_a_tree(reader: AsyncClient, graph: str, title: str) -> None:
    lines = (await shaped(reader, graph, "text")).splitlines()
    assert lines[0] == title
    assert any(line.lstrip("│ ").startswith(("├── ", "└── ")) for line in lines)
    assert "hardware · more than 250,000 GPUs" in "\n".join(lines)


@pytest.mark.parametrize("graph", GRAPHS)
async def test_a_dashboard_gets_a_picture(drawing: AsyncClient, graph: str) -> None:
    picture = ET.fromstring(await shaped(drawing, graph, "svg"))  # noqa: S314 - we made it
    assert picture.tag == f"{SVG}svg"
    links = {element.get("href") for element in picture.iter(f"{SVG}a")}
    assert "/v1/companies/nvidia" in links
    named = "".join(picture.itertext())
    assert all(name in named for name in ("CoreWeave", "Nvidia"))


async def test_a_picture_is_as_wide_as_asked_for(drawing: AsyncClient) -> None:
    picture = ET.fromstring(await shaped(drawing, "loops", "svg", "&width=640"))  # noqa: S314 - we made it
    assert picture.get("width") == "640"
    by_accept = await drawing.get(GRAPHS["loops"] + "&width=640", headers={"Accept": "image/svg+xml"})
    assert ET.fromstring(by_accept.text).get("width") == "640"  # noqa: S314 - the same


@pytest.mark.parametrize("width", ["99", "10001", "wide"])
async def test_a_width_that_no_picture_has_is_refused(reader: AsyncClient, width: str) -> None:
    said = problem(await reader.get(f"{GRAPHS['loops']}&format=svg&width={width}"), 400)
    assert [flaw["parameter"] for flaw in said["errors"]] == ["width"]


@pytest.mark.parametrize("shape", ["text", "mermaid", "dot", "graphml"])
async def test_an_empty_answer_says_why_in_every_shape(reader: AsyncClient, shape: str) -> None:
    for graph, said in (
        (f"/v1/companies/nvidia/dependencies?{ON}", "No dependency is recorded for Nvidia as of 2025-03-12."),
        (f"/v1/paths?from=nvidia&to=openai&{ON}", "No such way from Nvidia to OpenAI is recorded as of 2025-03-12."),
        (f"/v1/loops?company=oracle&{ON}", "No such loop is recorded as of 2025-03-12."),
        ("/v1/loops?known_at=2020-01-01T00:00:00Z", "Nothing had been recorded by 2020-01-01T00"),
    ):
        reply = await reader.get(f"{graph}&format={shape}")
        words = re.sub(r"#\d+;|[\"\\│]|\n\s*", lambda _: " ", reply.text)
        assert said.partition(":")[0][:60] in re.sub(r"\s+", " ", words), reply.text


NARROWED = {
    "as_of=2025-03-12&published_by=2025-03-11": "published by 2025-03-11",
    "as_of=2025-03-12&kind=compute&kind=hardware": "kind compute or hardware",
    "as_of=2025-03-12&stage__not=rumoured&evidence=reported": "stage not rumoured · evidence reported",
    "as_of=2025-03-12&known_at=2999-01-01T00:00:00Z&kind=compute": "as known at 2999-01-01T00:00:00Z · kind compute",
}


@pytest.mark.parametrize("shape", ["text", "mermaid", "dot", "graphml", "svg"])
async def test_every_shape_says_which_clock_and_which_filters_it_was_asked_with(world: World, shape: str) -> None:
    about = "/v1/companies/lab/dependencies?"
    for question, said in NARROWED.items():
        reply = await world.client.get(f"{about}{question}&format={shape}")
        assert said in reply.text, reply.text
    plain = (await world.client.get(f"{about}as_of=2025-03-12&format={shape}")).text
    assert not any(said in plain for said in NARROWED.values())


async def test_loops_say_of_whom_and_of_which_kind_they_are_asked_for(reader: AsyncClient) -> None:
    more = "&company=nvidia&company=openai&kind=capital&amount__possibly_gte=1000000"
    lines = (await shaped(reader, "loops", "text", more)).splitlines()
    assert lines[1] == "with Nvidia or OpenAI · kind capital · possibly at least 1,000,000 round"


async def test_a_cut_answer_says_so_in_every_shape(world: World) -> None:
    async with serving(world.url, max_nodes=1) as client:
        for question in ("companies/cloud/dependencies?", "paths?from=lab&to=cloud&", "loops?company=cloud&"):
            for shape in ("text", "mermaid", "dot"):
                reply = await client.get(f"/v1/{question}as_of={DAY}&format={shape}")
                assert "Cut at the limit of nodes" in reply.text
            opened: Any = nx.parse_graphml((await client.get(f"/v1/{question}as_of={DAY}&format=graphml")).text)
            assert opened.graph["truncated"] == "nodes"
