import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.graph.render.measure import columns
from app.graph.render.picture import PictureNode
from app.graph.render.text import WIDTH, render
from tests.graph.render.pictures import COREWEAVE_CONTRACT, EDGES, NODES, article, edge, large, node, single


def test_the_tree_of_the_article_reads_like_this() -> None:
    assert render(article(nodes=NODES[:5], edges=EDGES[:4] + EDGES[7:9], description="")) == (
        "OpenAI depends on (as of 2025-03-12)\n"
        "├── CoreWeave  compute · USD 11.9 billion · 2025-03-10 to 2030-03 · announced\n"
        "│   ├── Microsoft  revenue · 62 percent · 2024\n"
        "│   ├── Nvidia  capital · since 2023-04\n"
        "│   │           hardware · more than 250,000 GPUs · since 2024-12\n"
        "│   └── OpenAI (see above)  capital · USD 350 million · since 2025-03-10 ·\n"
        "│                             announced\n"
        "├── Microsoft  capital · more than USD 10 billion · since 2019-07 · completed\n"
        "└── Stargate\n"
        "\n"
        "5 companies, 6 dependencies\n"
    )


def test_what_else_was_asked_for_stands_below_the_heading() -> None:
    kinds = "kind not compute or hardware or technology or partnership"
    lines = render(single(narrowed=("published by 2025-03-12", kinds))).splitlines()
    assert lines[:4] == [
        "A depends on (as of 2025-03-12)",
        "published by 2025-03-12 · kind not compute or hardware or technology or",
        "  partnership",
        "└── B  compute",
    ]


def test_each_edge_is_said_exactly_once_and_each_company_opened_once() -> None:
    text = render(article())
    assert sum(line.count(" · since") + line.count(" · 20") for line in text.splitlines()) == len(EDGES)
    assert text.count("hardware · more than 250,000 GPUs") == 1


def test_a_company_is_opened_where_it_is_closest_to_the_root() -> None:
    lines = render(article()).splitlines()
    assert any("│   ├── Microsoft (see below)  revenue" in line for line in lines)
    assert any(line.startswith("├── Microsoft  capital") for line in lines)


def test_a_dense_cycle_ends() -> None:
    nodes = tuple(node(f"c{number}", f"C{number}", "other") for number in range(12))
    edges = tuple(edge(one.slug, other.slug) for one in nodes for other in nodes if one is not other)
    text = render(article(root="c0", nodes=nodes, edges=edges))
    assert text.count("compute") == len(edges) == 132


@pytest.fixture
def frames() -> Iterator[int]:
    """How many calls may be in each other from here on. Others may have raised the limit, to what takes minutes."""
    limit, left = sys.getrecursionlimit(), 200
    sys.setrecursionlimit(len(traceback.extract_stack()) + left)
    yield left
    sys.setrecursionlimit(limit)


def test_a_chain_deeper_than_the_recursion_limit_is_drawn(frames: int) -> None:
    deep = 2 * frames
    nodes = tuple(node(f"c{number}", f"C{number}", "other") for number in range(deep + 1))
    edges = tuple(edge(f"c{number}", f"c{number + 1}") for number in range(deep))
    assert f"C{deep}" in render(article(root="c0", nodes=nodes, edges=edges))


def test_dependents_hang_below_what_they_depend_on() -> None:
    text = render(article(root="nvidia", direction="depended_on_by", title="Who depends on Nvidia"))
    assert text.splitlines()[1].startswith("├── CoreWeave  capital")
    assert any("── OpenAI  compute · USD 11.9 billion" in line for line in text.splitlines())


def test_a_value_flow_hangs_the_receiver_below_the_giver() -> None:
    edges = (edge("coreweave", "nvidia", "capital", flow="against"), edge("coreweave", "nvidia", "hardware", "r"))
    nodes = (NODES[1], NODES[4])
    text = render(article(root=None, direction="value_flow", title="Circular deals", nodes=nodes, edges=edges))
    assert text.splitlines()[1:4] == [
        "└── CoreWeave",
        "    └── Nvidia  hardware",
        "        └── CoreWeave (see above)  capital",
    ]


def test_companies_that_the_root_does_not_reach_are_listed_too() -> None:
    nodes = (*NODES[:2], node("apart", "Apart", "other"))
    text = render(article(nodes=nodes, edges=(edge("openai", "coreweave"),)))
    assert text.splitlines()[1:3] == ["├── CoreWeave  compute", "└── Apart"]


def test_what_may_hold_and_what_is_only_intended_says_so() -> None:
    text = render(article())
    assert "SoftBank  capital · since 2025-01-21 · intended · possible" in text


def test_what_was_cut_and_what_is_unknown_is_said() -> None:
    text = render(article(truncated=("nodes", "edges"), unknowns=("the price of the power.",)))
    assert "Cut at the limit of nodes and edges: there is more." in text
    assert "Not known: the price of the power." in text


def test_one_company_alone_says_that_nothing_is_recorded() -> None:
    text = render(article(nodes=NODES[:1], edges=()))
    assert "nothing is recorded" in text
    assert "1 company, 0 dependencies" in text


@pytest.mark.parametrize("name", ["株式会社" * 50, "A" * 200, "Ärzte e\u0301" * 9])
def test_lines_keep_within_the_terminal_for_long_and_wide_names(name: str) -> None:
    nodes = (node("a", "A", "other"), node("b", name, "other", "a"), node("c", name, "other", "a", "b"))
    edges = (edge("a", "b", **COREWEAVE_CONTRACT), edge("b", "c", **COREWEAVE_CONTRACT))
    text = render(article(root="a", nodes=nodes, edges=edges))
    assert max(columns(line) for line in text.splitlines()) <= WIDTH
    assert "…" in text


def test_a_large_graph_keeps_within_the_terminal() -> None:
    lines = render(large(60, 150)).splitlines()
    assert max(columns(line) for line in lines) <= WIDTH


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\u202e", "\x9b", "\ud800"])
def test_a_name_cannot_write_to_the_terminal(character: str) -> None:
    text = render(single(f"evil{character}[31m\nname"))
    nodes = (PictureNode("a", "A", "other", 0), PictureNode("b", f"evil{character}[31m\nname", "other", 1))
    text = render(replace(single(), nodes=nodes))
    assert character not in text
    assert "└── evil\ufffd[31m name  compute" in text
