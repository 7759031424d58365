from random import Random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.model import Edge
from app.graph.analysis.paths import Paths, simple_paths
from tests.graph.analysis.multigraphs import COMPANIES, deal, dense, law, multigraphs, needs

ends = st.permutations(COMPANIES).map(lambda slugs: (slugs[0], slugs[1]))
depths = st.integers(1, 5)


def every_path(graph: list[Edge], source: str, target: str, max_depth: int) -> Paths:
    return simple_paths(graph, source, target, max_depth, limit=10_000, budget=1_000_000)


@law
@given(multigraphs, ends, depths)
def test_paths_are_those_of_networkx_by_length_then_slugs(
    graph: list[Edge], between: tuple[str, str], max_depth: int
) -> None:
    known = [tuple(path) for path in nx.all_simple_paths(needs(graph), *between, cutoff=max_depth)]
    answer = every_path(graph, *between, max_depth)
    assert [path.nodes for path in answer.paths] == sorted(known, key=lambda nodes: (len(nodes), nodes))
    assert answer.truncated == ()


@law
@given(multigraphs, ends, depths)
def test_hop_lists_all_its_parallel_edges_by_kind_and_record(
    graph: list[Edge], between: tuple[str, str], max_depth: int
) -> None:
    for path in every_path(graph, *between, max_depth).paths:
        for tail, head, hop in zip(path.nodes, path.nodes[1:], path.hops, strict=False):
            parallel = [edge for edge in graph if (edge.dependent, edge.on) == (tail, head)]
            assert list(hop) == sorted(parallel, key=lambda edge: (edge.kind, edge.record))
        assert len(path.hops) == len(path.nodes) - 1


@law
@given(multigraphs, ends, st.integers(0, 6), st.randoms())
def test_limit_keeps_the_first_paths_and_says_so(
    graph: list[Edge], between: tuple[str, str], limit: int, random: Random
) -> None:
    whole = every_path(graph, *between, 5).paths
    shuffled = random.sample(graph, len(graph))
    answer = simple_paths(shuffled, *between, 5, limit=limit, budget=1_000_000)
    assert answer.paths == whole[:limit]
    assert answer.truncated == (("paths",) if len(whole) > limit else ())


@law
@given(multigraphs, ends, st.integers(0, 60))
def test_spent_budget_leaves_the_beginning_and_says_so(
    graph: list[Edge], between: tuple[str, str], budget: int
) -> None:
    whole = every_path(graph, *between, 5).paths
    answer = simple_paths(graph, *between, 5, limit=10_000, budget=budget)
    assert answer.paths == whole[: len(answer.paths)]
    assert answer.truncated == ("steps",) or answer.paths == whole


def test_dense_graph_gives_its_first_paths_without_listing_the_rest() -> None:
    answer = simple_paths(dense(60), "c00", "c59", 8, limit=100, budget=2_000)
    between = [f"c{number:02}" for number in range(1, 59)]
    two_hops = [("c00", middle, "c59") for middle in between]
    three_hops = [("c00", "c01", middle, "c59") for middle in between if middle != "c01"]
    assert [path.nodes for path in answer.paths] == [("c00", "c59"), *two_hops, *three_hops][:100]
    assert answer.truncated == ("paths",)


def test_search_does_not_enter_what_never_leads_to_the_target() -> None:
    maze = [*dense(30), deal("start", "c00"), deal("start", "end"), deal("end", "c00")]
    answer = simple_paths(maze, "start", "end", 8, limit=10, budget=100)
    assert [path.nodes for path in answer.paths] == [("start", "end")]
    assert answer.truncated == ()


def test_spent_budget_is_no_proof_that_there_is_no_path() -> None:
    answer = simple_paths(dense(60), "c00", "c59", 4, limit=10, budget=0)
    assert answer == Paths((), ("steps",))


@pytest.mark.parametrize(("source", "target"), [("a", "a"), ("a", "z"), ("z", "a"), ("b", "a")])
def test_there_is_no_path_to_oneself_to_strangers_or_backwards(source: str, target: str) -> None:
    assert every_path([deal("a", "b")], source, target, 3) == Paths(())
