import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.compare import Neighbour, compare
from tests.graph.analysis.stated import article, edge


def named(found: tuple[Neighbour, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.kind, one.slug, one.of) for one in found]


def test_openai_and_microsoft_share_coreweave_as_a_supplier_and_have_others_alone() -> None:
    found = compare(article(), ["openai", "microsoft"])
    assert found.companies == ("microsoft", "openai")
    assert named(found.dependencies.shared) == [("compute", "coreweave", ("microsoft", "openai"))]
    assert named(found.dependencies.only) == [
        ("capital", "microsoft", ("openai",)),
        ("compute", "microsoft", ("openai",)),
        ("compute", "stargate", ("openai",)),
        ("technology", "openai", ("microsoft",)),
    ]


def test_dependents_are_compared_by_kind_so_that_revenue_is_shared_and_capital_is_not() -> None:
    found = compare(article(), ["openai", "microsoft"])
    assert named(found.dependents.shared) == [("revenue", "coreweave", ("microsoft", "openai"))]
    assert ("capital", "coreweave", ("openai",)) in named(found.dependents.only)


def test_what_two_of_three_have_is_neither_shared_nor_one_ones_own() -> None:
    edges = [edge("a", "x"), edge("b", "x"), edge("c", "y"), *(edge(slug, "z") for slug in "abc")]
    found = compare(edges, ["c", "a", "b"]).dependencies
    assert named(found.shared) == [("compute", "z", ("a", "b", "c"))]
    assert named(found.partly) == [("compute", "x", ("a", "b"))]
    assert named(found.only) == [("compute", "y", ("c",))]


def test_parallel_records_make_one_neighbour_with_every_edge() -> None:
    edges = [edge("a", "x", record="one"), edge("a", "x", record="two"), edge("b", "x")]
    (shared,) = compare(edges, ["a", "b"]).dependencies.shared
    assert [one.record.slug for one in shared.edges] == ["one", "two", "b-x-compute"]


@pytest.mark.parametrize("slugs", [[], ["openai"], ["openai", "openai"]])
def test_fewer_than_two_companies_cannot_be_compared(slugs: list[str]) -> None:
    with pytest.raises(ValueError, match="two different companies"):
        compare(article(), slugs)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(chance: random.Random) -> None:
    edges, slugs = article(), ["openai", "microsoft", "coreweave"]
    chance.shuffle(edges)
    chance.shuffle(slugs)
    assert compare(edges, slugs) == compare(article(), ["openai", "microsoft", "coreweave"])
