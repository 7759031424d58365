from itertools import pairwise

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.model import Edge
from app.graph.analysis.single_points import Need, SinglePoint, articulation_points, single_points
from tests.graph.analysis.stated import article, edge

SLUGS = [f"c{number}" for number in range(9)]
ends = st.tuples(st.sampled_from(SLUGS), st.sampled_from(SLUGS)).filter(lambda pair: pair[0] != pair[1])


@given(st.lists(ends, max_size=20))
def test_articulation_points_are_those_of_networkx(pairs: list[tuple[str, str]]) -> None:
    edges = [edge(dependent, on, record=str(number)) for number, (dependent, on) in enumerate(pairs)]
    assert articulation_points(edges) == tuple(sorted(nx.articulation_points(nx.Graph(pairs))))


def test_a_chain_of_ten_thousand_needs_no_recursion() -> None:
    slugs = [f"{number:05}" for number in range(10_000)]
    edges = [edge(dependent, on) for dependent, on in pairwise(slugs)]
    assert articulation_points(edges) == tuple(slugs[1:-1])


def test_the_only_sources_are_counted_by_supplier_the_most_first() -> None:
    edges = [edge("b", "a"), edge("c", "a"), edge("c", "d"), edge("b", "d", "hardware"), edge("c", "a", "hardware")]
    assert single_points(edges) == (
        SinglePoint("a", (Need("b", "compute"), Need("c", "hardware"))),
        SinglePoint("d", (Need("b", "hardware"),)),
    )


def test_two_records_of_one_supplier_are_still_one_supplier() -> None:
    edges = [edge("b", "a", record="one"), edge("b", "a", record="two")]
    assert single_points(edges) == (SinglePoint("a", (Need("b", "compute"),)),)


def test_a_second_source_of_the_same_kind_leaves_no_single_point() -> None:
    edges = [edge("b", "a"), edge("b", "z"), edge("b", "a", "capital")]
    assert single_points(edges) == (SinglePoint("a", (Need("b", "capital"),)),)


def test_an_intended_source_neither_makes_nor_breaks_a_single_point_but_is_one_apart() -> None:
    edges = [edge("b", "a"), edge("b", "z", stage="intended"), edge("c", "z", stage="rumoured")]
    assert single_points(edges) == (
        SinglePoint("a", (Need("b", "compute"),)),
        SinglePoint("z", (), (Need("c", "compute"),)),
    )


def test_a_source_that_only_may_be_one_leaves_open_which_is_the_only_one() -> None:
    sure, maybe, other = edge("b", "a"), edge("b", "z", possible=True), edge("b", "y", possible=True)
    perhaps = (Need("b", "compute", possible=True),)
    assert single_points([maybe]) == (SinglePoint("z", perhaps),)
    assert single_points([sure, maybe]) == (SinglePoint("a", perhaps),), "never z, as long as there is a"
    assert single_points([other, maybe]) == (SinglePoint("y", perhaps), SinglePoint("z", perhaps))
    assert single_points([sure, edge("b", "x"), maybe]) == ()
    assert single_points([maybe, edge("b", "z", record="sure")]) == (SinglePoint("z", (Need("b", "compute"),)),)


def test_only_the_kinds_that_are_asked_for_count() -> None:
    points: list[Edge] = article()
    assert single_points(points, {"hardware"}) == (SinglePoint("nvidia", (Need("coreweave", "hardware"),)),)
