import re
import subprocess
import sysconfig
from pathlib import Path
from xml.etree import ElementTree as ET

import pydot
import pytest

from app.graph.render.dot import render
from app.graph.render.picture import Picture
from tests.graph.render.pictures import EDGES, NODES, article, large, single

GRAPHVIZ = Path(sysconfig.get_path("scripts")) / "graphviz-pure"
XLINK = "{http://www.w3.org/1999/xlink}"


def drawn(picture: Picture) -> ET.Element:
    """Read the SVG that Graphviz itself makes of it; it may complain of nothing but fonts."""
    run = subprocess.run([GRAPHVIZ, "-Tsvg"], input=render(picture).encode(), capture_output=True, check=True)
    assert [line for line in run.stderr.splitlines() if b"no value for width of non-ASCII" not in line] == []
    return ET.fromstring(run.stdout)  # noqa: S314  Graphviz made it


def texts(svg: ET.Element) -> list[str]:
    return [element.text or "" for element in svg.iter("{http://www.w3.org/2000/svg}text")]


def test_graphviz_draws_every_company_and_dependency() -> None:
    svg = drawn(article())
    classes = [element.get("class") for element in svg.iter("{http://www.w3.org/2000/svg}g")]
    assert classes.count("node") == len(NODES)
    assert classes.count("edge") == len(EDGES)
    assert "compute · USD 11.9 billion" in texts(svg)


@pytest.mark.filterwarnings("ignore:.* deprecated - use")  # pydot's, of pyparsing
def test_pydot_reads_it() -> None:
    (graph,) = pydot.graph_from_dot_data(render(article())) or []
    assert len(graph.get_edges()) == len(EDGES)
    assert graph.get_node('"openai"')[0].get("URL") == '"/v1/companies/openai"'


def test_links_are_relative_and_lead_to_the_company_and_the_record() -> None:
    links = {element.get(f"{XLINK}href") for element in drawn(article()).iter("{http://www.w3.org/2000/svg}a")}
    assert {"/v1/companies/openai", "/v1/contracts/openai-coreweave-2025-03-10"} <= links
    assert all(link is None or re.match(r"/v1/[a-z]", link) for link in links)


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        'x"]; evil -> b; a [label="',
        "back\\slash \\N \\G \\",
        "AT&amp;T &lt;b&gt; &#65; & Co",
        "株式会社",
        "شركة",
        "W" * 200,
    ],
)
def test_a_hostile_name_comes_out_as_it_was(name: str) -> None:
    svg = drawn(single(name))
    assert name in texts(svg)
    assert len([one for one in svg.iter() if one.get("class") == "node"]) == 2


def test_line_breaks_and_control_characters_do_not_break_the_file() -> None:
    svg = drawn(single("a\x00b\x1b\u202ec", title="one\ntwo"))
    assert "a\ufffdb\ufffd\ufffdc" in texts(svg)


def test_what_was_cut_and_what_is_unknown_stands_in_the_picture() -> None:
    said = texts(drawn(article(truncated=("nodes",), unknowns=("The price.",))))
    assert "Cut at the limit of nodes: there is more." in said
    assert "Not known: The price." in said


def test_a_large_graph_is_written_whole() -> None:
    assert render(large(300, 900)).count(" -> ") == 900
