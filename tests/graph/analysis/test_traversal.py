from itertools import pairwise
from random import Random
from typing import get_args

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.model import Direction, Edge, identity
from app.graph.analysis.traversal import Reach, reach
from tests.graph.analysis.multigraphs import COMPANIES, deal, law, multigraphs, needs

roots = st.sampled_from(COMPANIES)
depths = st.integers(0, 4)
directions = st.sampled_from(get_args(Direction))


def followed(graph: list[Edge], direction: Direction) -> "nx.DiGraph[str]":
    return needs(graph) if direction == "depends_on" else needs(graph).reverse()


def shown_hops(answer: Reach) -> set[tuple[str, str]]:
    pairs = {(edge.dependent, edge.on) for edge in answer.edges}
    return pairs if answer.direction == "depends_on" else {(on, dependent) for dependent, on in pairs}


@law
@given(multigraphs, roots, directions, depths)
def test_depths_are_networkx_distances(graph: list[Edge], root: str, direction: Direction, depth: int) -> None:
    lengths = nx.single_source_shortest_path_length(followed(graph, direction), root, cutoff=depth)
    answer = reach(root, graph, direction, depth)
    assert [(node.depth, node.slug) for node in answer.nodes] == sorted((far, slug) for slug, far in lengths.items())


@law
@given(multigraphs, roots, directions, depths)
def test_witness_is_the_smallest_of_the_shortest_paths(
    graph: list[Edge], root: str, direction: Direction, depth: int
) -> None:
    known = followed(graph, direction)
    for node in reach(root, graph, direction, depth).nodes:
        smallest = min(nx.all_shortest_paths(known, root, node.slug))
        assert list(node.via) == ([] if node.slug == root else smallest)


@law
@given(multigraphs, roots, directions, depths)
def test_edges_are_all_those_between_the_nodes_in_order(
    graph: list[Edge], root: str, direction: Direction, depth: int
) -> None:
    answer = reach(root, graph, direction, depth)
    slugs = {node.slug for node in answer.nodes}
    assert list(answer.edges) == sorted((e for e in graph if {e.dependent, e.on} <= slugs), key=identity)
    assert answer.truncated == ()


@law
@given(multigraphs)
def test_dependents_mirror_dependencies(graph: list[Edge]) -> None:
    down = {(root, node.slug) for root in COMPANIES for node in reach(root, graph, "depends_on", 9).nodes}
    up = {(node.slug, root) for root in COMPANIES for node in reach(root, graph, "depended_on_by", 9).nodes}
    assert down == up


@law
@given(multigraphs, directions, st.integers(1, 7), st.integers(0, 12), st.randoms())
def test_order_of_the_edges_given_does_not_matter(
    graph: list[Edge], direction: Direction, max_nodes: int, max_edges: int, random: Random
) -> None:
    shuffled = random.sample(graph, len(graph))
    first = reach("a", graph, direction, 4, max_nodes=max_nodes, max_edges=max_edges)
    assert reach("a", shuffled, direction, 4, max_nodes=max_nodes, max_edges=max_edges) == first


@law
@given(multigraphs, roots, directions, st.integers(1, 7), st.integers(0, 9))
def test_capped_reach_is_the_closest_part_with_its_witnesses(
    graph: list[Edge], root: str, direction: Direction, max_nodes: int, max_edges: int
) -> None:
    whole = reach(root, graph, direction, 4)
    part = reach(root, graph, direction, 4, max_nodes=max_nodes, max_edges=max_edges)
    assert part.nodes == whole.nodes[: len(part.nodes)]
    assert set(part.edges) <= set(whole.edges)
    assert len(part.nodes) <= max_nodes
    assert len(part.edges) <= max_edges
    assert all(hop in shown_hops(part) for node in part.nodes for hop in pairwise(node.via))
    assert list(part.edges) == sorted(part.edges, key=identity)


@law
@given(multigraphs, roots, directions, st.integers(1, 7), st.integers(0, 9))
def test_truncated_names_exactly_the_limits_that_cut(
    graph: list[Edge], root: str, direction: Direction, max_nodes: int, max_edges: int
) -> None:
    whole = reach(root, graph, direction, 4)
    only_nodes = reach(root, graph, direction, 4, max_nodes=max_nodes)
    part = reach(root, graph, direction, 4, max_nodes=max_nodes, max_edges=max_edges)
    assert ("nodes" in part.truncated) == (len(whole.nodes) > max_nodes)
    assert ("edges" in part.truncated) == (len(only_nodes.edges) > max_edges)


@law
@given(multigraphs, roots, directions, st.integers(0, 30))
def test_more_edges_allowed_never_hide_one(graph: list[Edge], root: str, direction: Direction, max_edges: int) -> None:
    fewer = reach(root, graph, direction, 4, max_edges=max_edges)
    more = reach(root, graph, direction, 4, max_edges=max_edges + 1)
    assert set(fewer.edges) <= set(more.edges)


def test_parallel_edges_wait_until_every_witness_has_its_edge() -> None:
    graph = [deal("a", "b", "1"), deal("a", "b", "2"), deal("b", "c", "3")]
    answer = reach("a", graph, "depends_on", 3, max_edges=2)
    assert [edge.record.slug for edge in answer.edges] == ["1", "3"]
    assert answer.truncated == ("edges",)


def test_edges_close_to_the_root_are_kept_before_far_ones() -> None:
    graph = [deal("z", "y", "1"), deal("y", "a", "2"), deal("a", "y", "3"), deal("y", "z", "4")]
    answer = reach("z", graph, "depends_on", 3, max_edges=3)
    assert answer.root == "z"
    assert [edge.record.slug for edge in answer.edges] == ["2", "4", "1"]


def test_limit_on_edges_that_leaves_no_room_for_a_company_is_named() -> None:
    answer = reach("a", [deal("a", "b", "1"), deal("b", "c", "2")], "depends_on", 3, max_edges=1)
    assert [node.slug for node in answer.nodes] == ["a", "b"]
    assert answer.truncated == ("edges",)


def test_company_without_edges_reaches_only_itself() -> None:
    answer = reach("z", [deal("a", "b")], "depends_on", 3)
    assert [(node.slug, node.depth, node.via) for node in answer.nodes] == [("z", 0, ())]
    assert answer.edges == ()
