from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.render.graphml import render
from app.graph.render.picture import Picture
from tests.graph.render.pictures import EDGES, NODES, article, edge, large, single


def opened(picture: Picture) -> "nx.MultiDiGraph[str]":
    graph: Any = nx.parse_graphml(render(picture), edge_key_type=str)
    assert graph.is_directed()
    return graph  # type: ignore[no-any-return]


def test_networkx_opens_it_with_typed_attributes() -> None:
    graph = opened(article())
    assert graph.number_of_nodes() == len(NODES)
    assert graph.number_of_edges() == len(EDGES)
    assert graph.nodes["nvidia"] == {
        "name": "Nvidia", "kind": "chip_vendor", "depth": 2, "via": "openai coreweave nvidia",
    }  # fmt: skip
    contract = graph["openai"]["coreweave"]["e7"]
    assert contract["amount_low"] == contract["amount_high"] == 11.9e9
    assert contract["possible"] is False
    assert contract["in_loop"] is True
    assert contract["record"] == "openai-coreweave-2025-03-10"


def test_parallel_edges_are_kept_apart() -> None:
    graph = opened(article())
    assert {data["kind"] for data in graph["coreweave"]["nvidia"].values()} == {"capital", "hardware"}


def test_an_open_bound_has_no_value() -> None:
    invested = opened(article())["openai"]["microsoft"]["e8"]
    assert invested["amount_low"] == 10e9
    assert "amount_high" not in invested


def test_the_graph_tells_its_question_and_its_limits() -> None:
    graph = opened(article(truncated=("nodes", "edges"), unknowns=("the price",)))
    assert graph.graph["root"] == "openai"
    assert graph.graph["as_of"] == "2025-03-12"
    assert graph.graph["truncated"] == "nodes, edges"
    assert graph.graph["unknowns"] == "the price"


def test_edges_go_as_value_does_in_a_value_flow_and_say_whether_that_is_against_the_dependency() -> None:
    funds, pays = edge("a", "b", "capital", flow="against"), edge("a", "b", "hardware", flow="along")
    graph = opened(single(direction="value_flow", edges=(funds, pays)))
    ways = [(tail, head, data["kind"], data["flow"]) for tail, head, data in graph.edges(data=True)]
    assert sorted(ways) == [("a", "b", "hardware", "along"), ("b", "a", "capital", "against")]


def test_edges_of_any_other_graph_go_from_the_dependent_whichever_way_value_does() -> None:
    graph = opened(single(edges=(edge("a", "b", "capital", flow="against"),)))
    assert list(graph.edges()) == [("a", "b")]


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x1b", "\ufffe", "\uffff", "\ud800"])
def test_characters_that_xml_does_not_allow_are_replaced(character: str) -> None:
    assert opened(single(f"a{character}b")).nodes["a"]["name"] == "a\ufffdb"


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf", "Cn")), min_size=1))
def test_any_other_name_comes_back_as_it_was(name: str) -> None:
    assert opened(single(name)).nodes["a"]["name"] == name


def test_an_empty_graph_opens() -> None:
    assert opened(article(nodes=(), edges=())).number_of_nodes() == 0


def test_a_large_graph_opens_whole() -> None:
    assert opened(large(300, 900)).number_of_edges() == 900
