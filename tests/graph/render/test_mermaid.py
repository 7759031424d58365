"""The output was read once by the parser of Mermaid 11.17; what it takes is written down here as a grammar."""

import json
import re

import pytest

from app.graph.analysis.model import Amount
from app.graph.render.mermaid import MAX_EDGES, MAX_LENGTH, MAX_NODES, render
from app.graph.render.picture import PictureNode
from tests.graph.render.pictures import EDGES, NODES, article, edge, large, single

LABEL = r'"(?:[\w ·.,:()/+€£¥\'…-]|#\d+;)*"'
LINES = [
    r"accDescr: (?:[\w ·.,:()/+€£¥'…-]|#\d+;)*",
    rf"n\d+\[{LABEL}\]",
    rf"n\d+ (?:-->|==>|-\.->)\|{LABEL}\| n\d+",
    rf"note\d+\[{LABEL}\]:::note",
    r"linkStyle \d+(?:,\d+)* stroke:#[0-9a-f]{6}",
    r"style n\d+ stroke-width:3px",
    r"classDef note fill:none,stroke:none",
]
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    'a" end --> b["',
    "%%{init: {'theme': 'dark'}}%%",
    "`**bold**` $$x$$",
    "#quot; #35;",
    "line\nbreak; n9",
    "\x1b]0;x\x07\u202e",
]


def assert_is_mermaid(text: str) -> None:
    opening, title, closing, chart, *lines = text.removesuffix("\n").split("\n")
    assert (opening, closing, chart) == ("---", "---", "flowchart LR")
    assert isinstance(json.loads(title.removeprefix("title: ")), str)
    unread = [line for line in lines if not any(re.fullmatch(rf"  {pattern}", line) for pattern in LINES)]
    assert unread == []


def test_the_article_is_a_flowchart_with_every_company_and_dependency() -> None:
    text = render(article())
    assert_is_mermaid(text)
    assert 'n0["OpenAI"]' in text
    assert 'n0 ==>|"compute · USD 11.9 billion"| n1' in text
    assert len(re.findall(r"[>]\|", text)) == len(EDGES)
    assert len(re.findall(r"^  n\d+\[", text, re.MULTILINE)) == len(NODES)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_inside_its_label(name: str) -> None:
    amount = Amount(None, None, "USD", name)
    picture = single(name, title=name, description=name, unknowns=(name,), edges=(edge("a", "b", amount=amount),))
    text = render(picture)
    assert_is_mermaid(text)
    assert len(text.splitlines()) == 4 + 8


def test_uncertain_edges_are_dotted() -> None:
    text = render(article())
    assert 'n0 -.->|"compute"| n3' in text
    assert 'n3 -.->|"capital"| n6' in text


def test_every_edge_is_coloured_once() -> None:
    styled = re.findall(r"linkStyle ([\d,]+)", render(article()))
    assert sorted(int(number) for one in styled for number in one.split(",")) == list(range(len(EDGES)))


def test_more_than_mermaid_takes_is_cut_to_the_closest_and_says_so() -> None:
    text = render(large(500, 5000))
    assert_is_mermaid(text)
    assert len(re.findall(r"[>]\|", text)) <= MAX_EDGES
    assert f"showing {MAX_NODES} of 500 companies and" in text


def test_names_made_of_escapes_keep_the_chart_short_enough() -> None:
    nodes = tuple(PictureNode(f"s{number}", "{|" * 100, "other", number) for number in range(200))
    text = render(article(root="s0", nodes=nodes, edges=()))
    assert len(text) <= MAX_LENGTH
    assert_is_mermaid(text)
    assert "of 200 companies" in text


def test_an_empty_graph_is_still_a_flowchart() -> None:
    assert_is_mermaid(render(article(nodes=(), edges=(), loops=frozenset())))
