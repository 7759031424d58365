import random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.impact import Affected, Impact, Loss, impact
from app.graph.analysis.model import Edge
from tests.graph.analysis.stated import CONTRACT, about, article, bounds, edge, exactly, invested

SLUGS = [f"c{number}" for number in range(7)]


@st.composite
def graphs(draw: st.DrawFn) -> list[Edge]:
    ends = st.tuples(st.sampled_from(SLUGS), st.sampled_from(SLUGS)).filter(lambda pair: pair[0] != pair[1])
    hops = draw(st.sets(st.tuples(ends, st.sampled_from(["compute", "capital"])), max_size=18))
    return [edge(dependent, on, kind) for (dependent, on), kind in sorted(hops)]


def of(found: Impact, slug: str) -> Affected:
    (one,) = [affected for affected in found.affected if affected.slug == slug]
    return one


def only_loss(found: Impact, slug: str) -> Loss:
    (loss,) = of(found, slug).losses
    return loss


@given(graphs(), st.integers(1, 4))
def test_everyone_downstream_is_there_at_the_depth_that_networkx_finds(edges: list[Edge], depth: int) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph((one.on, one.dependent) for one in edges)
    graph.add_node("c0")
    expected = nx.single_source_shortest_path_length(graph, "c0", cutoff=depth)
    found = impact("c0", edges, depth)
    assert {one.slug: one.depth for one in found.affected} == {s: d for s, d in expected.items() if d}
    assert [one.slug for one in found.affected] == sorted(expected, key=lambda s: (expected[s], s))[1:]
    assert all([hop.on for hop in one.hops] == list(one.via[:-1]) for one in found.affected)


@given(graphs())
def test_alternatives_are_the_other_sources_of_the_kind_and_only_they(edges: list[Edge]) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph((one.on, one.dependent) for one in edges)
    graph.add_node("c0")
    downstream = nx.descendants(graph, "c0")
    for affected in impact("c0", edges, 7).affected:
        for loss in affected.losses:
            others = {one.on for one in edges if (one.dependent, one.kind) == (affected.slug, loss.kind)} - {
                loss.source
            }
            assert set(loss.alternatives) | set(loss.also_affected) == others
            assert set(loss.also_affected) == others & (downstream | {"c0"})
            assert loss.only_source == (not others)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_edges_changes_nothing(chance: random.Random) -> None:
    edges = article()
    chance.shuffle(edges)
    assert impact("nvidia", edges, 4) == impact("nvidia", article(), 4)


def test_nvidia_is_the_only_hardware_of_coreweave_and_openai_is_hit_through_it() -> None:
    found = impact("nvidia", article(), 2)
    hardware = next(loss for loss in of(found, "coreweave").losses if loss.kind == "hardware")
    assert (hardware.only_source, hardware.alternatives) == (True, ())
    assert bounds(hardware.amounts[0].amount) == (250_000, None)
    openai = of(found, "openai")
    assert (openai.depth, openai.via) == (2, ("nvidia", "coreweave", "openai"))
    assert [hop.record for hop in openai.hops][1] == CONTRACT


def test_a_hop_shows_a_signed_edge_before_a_rumoured_and_a_certain_before_a_possible_one() -> None:
    edges = [
        edge("b", "a", record="1", stage="rumoured"),
        edge("b", "a", record="2", possible=True),
        edge("b", "a", record="3"),
    ]
    assert [hop.record.slug for hop in of(impact("a", edges, 1), "b").hops] == ["3"]


def test_openai_without_coreweave_has_other_compute_some_of_which_is_hit_too() -> None:
    loss = only_loss(impact("coreweave", article(), 1), "openai")
    # Microsoft buys compute from CoreWeave; Stargate has OpenAI, hit itself, as a member.
    assert (loss.only_source, loss.alternatives, loss.also_affected) == (False, (), ("microsoft", "stargate"))
    assert bounds(loss.amounts[0].amount) == (11_900_000_000, 11_900_000_000)
    assert loss.unknowns == ("What share of the compute of openai comes from coreweave is not disclosed.",)


def test_a_source_that_is_only_intended_is_no_alternative() -> None:
    edges = [
        edge("openai", "coreweave"),
        edge("openai", "oracle", stage="intended"),
        edge("openai", "aws", stage="rumoured"),
    ]
    loss = only_loss(impact("coreweave", edges, 1), "openai")
    assert (loss.only_source, loss.alternatives, loss.planned) == (True, (), ("aws", "oracle"))


def test_losing_an_intended_source_is_never_losing_the_only_one() -> None:
    loss = only_loss(impact("oracle", [edge("openai", "oracle", stage="intended")], 1), "openai")
    assert (loss.only_source, loss.alternatives, loss.planned) == (False, (), ())


def test_the_stated_share_is_what_is_at_stake() -> None:
    microsoft = impact("microsoft", article(), 1)
    loss = only_loss(microsoft, "coreweave")
    assert (loss.kind, [bounds(share) for share in loss.shares], loss.amounts) == ("revenue", [(62, 62)], ())
    assert loss.unknowns == ("What amount is at stake for coreweave in its revenue from microsoft is not disclosed.",)


def test_capital_and_partnership_hand_the_impact_on_as_supply_does() -> None:
    edges = [edge("venture", "softbank", "partnership"), invested("openai", "venture", "i")]
    assert [one.slug for one in impact("softbank", edges, 2).affected] == ["venture", "openai"]


def test_losses_at_depth_two_are_those_through_companies_at_depth_one() -> None:
    edges = [edge("b", "a"), edge("c", "b"), edge("c", "d"), edge("d", "c"), edge("c", "e")]
    loss = only_loss(impact("a", edges, 2), "c")
    assert (loss.source, loss.alternatives, loss.also_affected) == ("b", ("e",), ("d",))


def test_what_is_only_about_stated_is_unknown_and_names_are_used_where_known() -> None:
    edges = [edge("openai", "coreweave", share=about(40, "percent"), amount=about(5), possible=True)]
    found = impact("coreweave", edges, 1, names={"openai": "OpenAI"})
    assert found.unknowns == (
        "What share of the compute of OpenAI comes from coreweave is not disclosed.",
        "What amount is at stake for OpenAI in its compute from coreweave is not disclosed.",
        "Whether OpenAI has compute from coreweave on the day in question is not certain.",
    )


def test_an_alternative_that_only_may_hold_is_said_to_be_uncertain() -> None:
    edges = [edge("openai", "coreweave"), edge("openai", "oracle", possible=True)]
    loss = only_loss(impact("coreweave", edges, 1), "openai")
    assert loss.alternatives == ("oracle",)
    assert loss.unknowns[-1] == "Whether openai has compute from oracle on the day in question is not certain."


def test_an_amount_that_is_two_customers_together_is_at_stake_for_neither_for_certain() -> None:
    edges = [edge(customer, "oracle", record="joint", amount=exactly(8), nature="money") for customer in ("a", "b")]
    assert bounds(only_loss(impact("oracle", edges, 1), "a").amounts[0].amount) == (0, 8)


def test_a_capped_impact_keeps_the_closest_and_says_so() -> None:
    found = impact("nvidia", article(), 4, max_nodes=2)
    assert ([one.slug for one in found.affected], found.truncated) == (["coreweave"], ("nodes",))


@pytest.mark.parametrize(
    ("known", "checked"),
    [({"within": 3}, True), ({"within": 2}, False), ({"partial": True}, False), ({"max_nodes": 3}, True)],
)
def test_no_other_source_is_safe_where_not_all_that_is_downstream_was_looked_at(
    known: dict[str, int], *, checked: bool
) -> None:
    """In truth z depends on c, three hops away, or on nobody that is hit: that is seen only where all was looked at."""
    edges = [edge("b", "a"), edge("b", "z"), edge("c", "b")]
    found = impact("a", edges, 1, **known)  # type: ignore[arg-type]
    loss = only_loss(found, "b")
    assert (loss.alternatives, loss.unchecked) == ((("z",), ()) if checked else ((), ("z",)))
    said = "Whether z, from which b has compute too, would be affected was not looked at."
    assert (said in found.unknowns, loss.only_source, found.truncated) == (not checked, False, ())


def test_companies_that_are_cut_off_further_away_than_is_listed_are_said_where_they_leave_something_open() -> None:
    edges = [edge("b", "a"), edge("b", "z"), edge("c", "b"), edge("d", "c")]
    assert impact("a", edges, 1, max_nodes=3).truncated == ("nodes",)
    assert impact("a", [one for one in edges if one.on != "z"], 1, max_nodes=3).truncated == ()


@pytest.mark.parametrize("company", ["nobody", "softbank"])
def test_a_company_on_which_nobody_depends_affects_nobody(company: str) -> None:
    edges = [one for one in article() if one.on != "softbank"]
    assert impact(company, edges, 3).affected == ()


def test_an_answer_says_of_whom_and_how_deep_it_is_and_by_which_edges_something_is_lost() -> None:
    supplied = edge("b", "a", "other")
    found = impact("a", [supplied], 2, names={"a": "A", "b": "B"})
    assert (found.company, found.depth) == ("a", 2)
    assert only_loss(found, "b").edges == (supplied,)
    assert any("other supplies of B comes from A" in sentence for sentence in found.unknowns), found.unknowns
