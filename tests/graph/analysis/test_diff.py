from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.diff import Diff, FieldChange, apply, diff
from app.graph.analysis.model import Edge, identity
from tests.graph.analysis.multigraphs import deal, edges, law, multigraphs


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Edge], list[Edge]]:
    """An old graph, and a new one in which some edges stayed, some are told anew, some went and some came."""
    old = draw(multigraphs)
    told = [edge for edge in old if draw(st.booleans())]
    redrawn = [
        edge._replace(stage=draw(edges).stage, amount=draw(edges).amount, citations=draw(edges).citations)
        for edge in told
    ]
    came = {identity(edge): edge for edge in [*draw(multigraphs), *redrawn]}
    return old, list(came.values())


@law
@given(histories(), st.randoms())
def test_diff_applied_to_the_old_gives_the_new(history: tuple[list[Edge], list[Edge]], random: Random) -> None:
    old, new = history
    assert apply(diff(old, new), random.sample(old, len(old))) == tuple(sorted(new, key=identity))


@law
@given(histories(), st.randoms())
def test_order_of_the_edges_given_does_not_matter(history: tuple[list[Edge], list[Edge]], random: Random) -> None:
    old, new = history
    assert diff(random.sample(old, len(old)), random.sample(new, len(new))) == diff(old, new)


@law
@given(histories())
def test_going_back_loses_what_was_gained_and_undoes_every_change(history: tuple[list[Edge], list[Edge]]) -> None:
    old, new = history
    there, back = diff(old, new), diff(new, old)
    assert (back.gained, back.lost) == (there.lost, there.gained)
    assert [change.new for change in back.changed] == [change.old for change in there.changed]


@law
@given(histories())
def test_change_lists_only_fields_that_differ_and_its_record(history: tuple[list[Edge], list[Edge]]) -> None:
    old, new = history
    for change in diff(old, new).changed:
        assert change.fields
        assert all(part.old == getattr(change.old, part.field) != part.new for part in change.fields)
        assert change.record == change.new.record


@law
@given(multigraphs)
def test_nothing_differs_from_itself(graph: list[Edge]) -> None:
    assert diff(graph, graph) == Diff((), (), ())


def test_extension_of_a_contract_changes_only_its_end() -> None:
    old = deal("openai", "coreweave")._replace(until="2029")
    found = diff([old], [old._replace(until="2030-03")])
    assert [change.fields for change in found.changed] == [(FieldChange("until", "2029", "2030-03"),)]
    assert found.changed[0].record == old.record


def test_new_supplier_under_the_same_record_is_gained_and_the_old_one_lost() -> None:
    found = diff([deal("openai", "microsoft")], [deal("openai", "coreweave")])
    assert [edge.on for edge in found.gained] == ["coreweave"]
    assert [edge.on for edge in found.lost] == ["microsoft"]
    assert found.changed == ()


def test_two_edges_of_one_identity_are_refused() -> None:
    twice = [deal("a", "b"), deal("a", "b")._replace(stage="lapsed")]
    with pytest.raises(ValueError, match="same dependent, on, kind and record"):
        diff(twice, [])
