from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise, product
from random import Random

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.loops import Loop, LoopFilter, Loops, admits, dependency_loops, value_loops
from app.graph.analysis.model import Amount, Edge, RecordRef
from tests.graph.analysis.multigraphs import COMPANIES, deal, dense, digraph, law, multigraphs

Ends = tuple[str, str]
Finder = Callable[..., Loops]

lengths = st.integers(2, 6)
finders = st.sampled_from([value_loops, dependency_loops])


def ends(edge: Edge, find: Finder) -> Ends:
    """Return the hop that an edge is of, itself to itself where it is of none."""
    if find is dependency_loops or edge.flow == "along":
        return edge.dependent, edge.on
    return (edge.on, edge.dependent) if edge.flow else (edge.on, edge.on)


def every_loop(find: Finder, graph: list[Edge], max_length: int = 6) -> tuple[Loop, ...]:
    answer = find(graph, max_length, limit=100_000, budget=10_000_000)
    assert answer.truncated == ()
    return answer.loops


def choices(nodes: list[str], graph: list[Edge], find: Finder) -> list[tuple[Edge, ...]]:
    """Return, by trying them all, the ways to go round with another record on every hop."""
    around = pairwise([*nodes, nodes[0]])
    ways = product(*([edge for edge in graph if ends(edge, find) == hop] for hop in around))
    return [way for way in ways if len({edge.record for edge in way}) == len(way)]


def expected(graph: list[Edge], find: Finder, max_length: int) -> dict[tuple[str, ...], list[set[Edge]]]:
    """Return the loops from networkx's cycles: what can stand on each hop, by the companies in canonical order."""
    found = {}
    for cycle in nx.simple_cycles(digraph(ends(edge, find) for edge in graph), length_bound=max_length):
        first = cycle.index(min(cycle))
        nodes = [*cycle[first:], *cycle[:first]]
        if len(nodes) > 1 and (ways := choices(nodes, graph, find)):
            found[tuple(nodes)] = [set(alternatives) for alternatives in zip(*ways, strict=True)]
    return found


@law
@given(multigraphs, finders, lengths)
def test_loops_are_the_cycles_of_networkx_with_another_record_on_every_hop(
    graph: list[Edge], find: Finder, max_length: int
) -> None:
    known = expected(graph, find, max_length)
    loops = every_loop(find, graph, max_length)
    assert [loop.nodes for loop in loops] == sorted(known, key=lambda nodes: (len(nodes), nodes))
    assert [[set(hop.edges) for hop in loop.hops] for loop in loops] == [known[loop.nodes] for loop in loops]


@law
@given(multigraphs, finders)
def test_hops_lead_round_and_list_their_edges_by_kind_and_record(graph: list[Edge], find: Finder) -> None:
    for loop in every_loop(find, graph):
        assert [(hop.payer, hop.receiver) for hop in loop.hops] == list(pairwise([*loop.nodes, loop.nodes[0]]))
        for hop in loop.hops:
            assert list(hop.edges) == sorted(hop.edges, key=lambda edge: (edge.kind, edge.record, edge.dependent))
            assert {ends(edge, find) for edge in hop.edges} == {(hop.payer, hop.receiver)}


@law
@given(multigraphs, finders, st.integers(0, 5), st.randoms())
def test_limit_keeps_the_first_loops_in_any_order_of_edges(
    graph: list[Edge], find: Finder, limit: int, random: Random
) -> None:
    whole = every_loop(find, graph)
    answer = find(random.sample(graph, len(graph)), 6, limit=limit, budget=10_000_000)
    assert answer.loops == whole[:limit]
    assert answer.truncated == (("loops",) if len(whole) > limit else ())


@law
@given(multigraphs, finders, st.integers(0, 300))
def test_spent_budget_leaves_the_beginning_and_says_so(graph: list[Edge], find: Finder, budget: int) -> None:
    whole = every_loop(find, graph)
    answer = find(graph, 6, limit=100_000, budget=budget)
    assert answer.loops == whole[: len(answer.loops)]
    assert answer.truncated == ("steps",) or answer.loops == whole


@law
@given(
    multigraphs,
    finders,
    st.frozensets(st.sampled_from(f"{COMPANIES}z"), max_size=2),
    st.frozensets(st.sampled_from(["capital", "compute"]), max_size=2),
    st.none() | st.integers(0, 6).map(Decimal),
)
def test_filter_keeps_what_it_would_keep_of_the_whole_list(
    graph: list[Edge], find: Finder, companies: frozenset[str], kinds: frozenset[str], least: Decimal | None
) -> None:
    wanted = LoopFilter(companies, kinds, least)
    answer = find(graph, 6, limit=100_000, budget=10_000_000, wanted=wanted)
    assert answer.loops == tuple(loop for loop in every_loop(find, graph) if admits(wanted, loop))


def test_a_kind_is_asked_for_on_any_hop() -> None:
    loop = only_loop(deal("a", "b", "1"), deal("b", "a", "2")._replace(kind="capital"))
    asked = [{"capital"}, {"capital", "energy"}, {"energy"}]
    assert [admits(LoopFilter(kinds=frozenset(kinds)), loop) for kinds in asked] == [True, True, False]


@law
@given(multigraphs)
def test_amount_holds_whatever_the_hops_may_come_to(graph: list[Edge]) -> None:
    for loop in every_loop(value_loops, graph):
        if loop.amount and loop.bottleneck:
            known = [hop.amount for hop in loop.hops if hop.amount]
            highs = [amount.high for amount in known if amount.high is not None]
            lows = [amount.low or Decimal(0) for amount in known]
            assert loop.amount.high == min(highs, default=None)
            assert loop.amount.low == (0 if loop.unknown else min(lows))
            assert loop.bottleneck.amount == known[lows.index(min(lows))]


def usd(low: float | None, high: float | None = None) -> Amount:
    return Amount(
        None if low is None else Decimal(low), None if high is None else Decimal(high), "USD", f"{low}-{high}"
    )


def invest(investee: str, investor: str, record: str, amount: Amount | None = None) -> Edge:
    ref = RecordRef("investments", record)
    return Edge(investee, investor, "capital", ref, "completed", amount, flow="against", nature="money")


def only_loop(*graph: Edge) -> Loop:
    (loop,) = every_loop(value_loops, list(graph))
    return loop


def test_nvidia_funds_coreweave_which_pays_nvidia_for_gpus() -> None:
    fleet = deal("coreweave", "nvidia", "fleet", "hardware")._replace(
        amount=Amount(Decimal(250000), None, "gpu", "many")
    )
    loop = only_loop(fleet, invest("coreweave", "nvidia", "round-b", usd(100, 100)))
    assert loop.nodes == ("coreweave", "nvidia")
    assert loop.natures == ("money", "supply")
    assert [(hop.payer, hop.receiver) for hop in loop.unknown] == [("coreweave", "nvidia")]
    assert loop.bottleneck == loop.hops[1]
    assert loop.amount == Amount(Decimal(0), Decimal(100), "USD", "up to USD 100")


def test_shares_under_a_contract_come_back_to_the_customer_who_pays_for_it() -> None:
    contract = deal("openai", "coreweave", "compute-2025")._replace(amount=usd(11, 12))
    in_kind = invest("coreweave", "openai", "shares", usd(3, 3))._replace(
        flow="along", nature="equity", part_of=contract.record
    )
    loop = only_loop(contract, in_kind)
    assert loop.nodes == ("coreweave", "openai")
    assert loop.natures == ("equity", "supply")
    assert loop.amount == Amount(Decimal(3), Decimal(3), "USD", "USD 3")
    assert loop.bottleneck == loop.hops[0]


def test_three_circular_deals_of_one_market_are_told_apart() -> None:
    graph = [
        *(deal("coreweave", "nvidia", "fleet"), invest("coreweave", "nvidia", "round-b")),
        *(deal("openai", "microsoft", "azure"), invest("openai", "microsoft", "stake")),
        *(deal("openai", "coreweave", "compute"), invest("coreweave", "openai", "shares")._replace(flow="along")),
    ]
    pairs = [("coreweave", "nvidia"), ("coreweave", "openai"), ("microsoft", "openai")]
    assert [loop.nodes for loop in every_loop(value_loops, graph)] == pairs


def test_contract_in_which_both_supply_each_other_is_no_circular_deal() -> None:
    assert every_loop(value_loops, [deal("a", "b", "swap"), deal("b", "a", "swap")]) == ()


def test_revenue_of_a_contract_is_no_second_flow_but_shows_the_dependence_of_its_supplier() -> None:
    sales = deal("coreweave", "microsoft", "revenue-2024", "revenue")._replace(flow=None)
    graph = [deal("microsoft", "coreweave", "compute"), sales]
    assert every_loop(value_loops, graph) == ()
    assert [loop.nodes for loop in every_loop(dependency_loops, graph)] == [("coreweave", "microsoft")]


def test_record_that_another_hop_needs_is_no_alternative() -> None:
    there = [deal("a", "b", "1")._replace(amount=usd(9)), deal("a", "b", "2")._replace(amount=usd(1))]
    loop = only_loop(*there, deal("b", "a", "1"))
    assert [edge.record.slug for edge in loop.hops[0].edges] == ["2"]
    assert loop.hops[0].amount == usd(1)


@pytest.mark.parametrize(
    ("alternatives", "low", "high"),
    [
        ([usd(5, 6), usd(2, 9)], 5, 9),
        ([usd(5, 6), usd(2)], 5, None),
        ([usd(5, 6), None], 5, None),
        ([usd(None, 6), usd(1, 2)], 1, 6),
    ],
)
def test_hop_comes_to_the_largest_of_its_alternatives(
    alternatives: list[Amount | None], low: int, high: int | None
) -> None:
    there = [deal("a", "b", str(number))._replace(amount=amount) for number, amount in enumerate(alternatives)]
    amount = only_loop(*there, deal("b", "a", "back")).hops[0].amount
    assert amount
    assert amount.low == low
    assert amount.high == high
    assert amount.unit == "USD"


def test_intended_amount_does_not_count_beside_a_signed_one() -> None:
    plan = deal("a", "b", "plan")._replace(stage="intended", amount=usd(100, 100))
    signed = deal("a", "b", "signed")._replace(amount=usd(1, 1))
    back = deal("b", "a", "back")
    assert only_loop(plan, signed, back).hops[0].amount == usd(1, 1)
    assert only_loop(plan, back).hops[0].amount == usd(100, 100)


def test_a_hop_of_which_nothing_binds_makes_the_loop_tentative_and_one_that_binds_too_does_not() -> None:
    plan, back = deal("a", "b", "plan")._replace(stage="rumoured", amount=usd(5, 5)), deal("b", "a", "back")
    loop = only_loop(plan, back)
    assert (loop.tentative, [hop.tentative for hop in loop.hops]) == (True, [True, False])
    assert not only_loop(plan, deal("a", "b", "signed"), back).tentative


def test_what_only_may_hold_may_come_to_nothing_and_makes_the_loop_possible() -> None:
    maybe = deal("a", "b", "maybe")._replace(possible=True, amount=usd(9, 9))
    back = deal("b", "a", "back")._replace(amount=usd(20, 20))
    loop = only_loop(maybe, back)
    assert loop.amount == Amount(Decimal(0), Decimal(9), "USD", "up to USD 9")
    assert (loop.possible, [hop.possible for hop in loop.hops]) == (True, [True, False])
    surely = only_loop(maybe, deal("a", "b", "surely")._replace(amount=usd(4, 4)), back)
    assert (surely.amount, surely.possible) == (Amount(Decimal(4), Decimal(9), "USD", "between USD 4 and 9"), False)


def test_a_plan_that_holds_for_certain_does_not_make_up_for_a_deal_that_only_may() -> None:
    maybe = deal("a", "b", "maybe")._replace(possible=True)
    plan = deal("a", "b", "plan")._replace(stage="intended")
    loop = only_loop(maybe, plan, deal("b", "a", "back"))
    assert (loop.possible, loop.tentative) == (True, False)


def shares(record: str, worth: int, part_of: RecordRef | None = None) -> Edge:
    """Shares in kind that ``a`` gives to ``b``, so that value goes along."""
    given = invest("a", "b", record, usd(worth, worth))
    return given._replace(flow="along", nature="equity", part_of=part_of)


def test_money_of_a_hop_is_never_compared_with_the_worth_of_shares() -> None:
    paid, back = deal("a", "b", "paid")._replace(nature="money", amount=usd(100, 100)), deal("b", "a", "back")
    under = shares("under", 9_999, part_of=paid.record)
    assert only_loop(paid, shares("given", 500), under, back).hops[0].amount == usd(100, 100)
    assert only_loop(deal("a", "b", "unpriced"), shares("given", 500), back).hops[0].amount is None
    alone = only_loop(shares("given", 500), under, back).hops[0]
    assert (alone.amount, alone.natures) == (Amount(Decimal(9_999), Decimal(9_999), "USD", "USD 9,999"), ("equity",))


def test_of_an_amount_that_several_share_nobody_has_a_certain_part() -> None:
    alone, joint = (deal("a", "b", name)._replace(amount=usd(low, 7)) for name, low in (("alone", 3), ("joint", 7)))
    found = Loops((only_loop(alone, joint, deal("b", "a", "back")._replace(amount=usd(9, 9))),))
    assert found.records == {edge.record for edge in found.loops[0].hops[0].edges} | {RecordRef("contracts", "back")}
    assert found.loops[0].amount == Amount(Decimal(7), Decimal(7), "USD", "USD 7")
    lows = {kind: found.shared({(kind, joint.record)}).loops[0].amount for kind in ("compute", "revenue")}
    assert lows["compute"] == Amount(Decimal(3), Decimal(7), "USD", "between USD 3 and 7")
    assert lows["revenue"] == found.loops[0].amount, "its revenue may be shared by others than what it supplies"
    assert found.shared(frozenset()) == found


def test_the_bottleneck_is_the_hop_with_the_smallest_certain_amount_and_the_first_of_equals() -> None:
    for lows, narrowest in (((9, 1), 1), ((1, 9), 0), ((5, 5), 0)):
        there, back = (deal(*ends)._replace(amount=usd(low)) for ends, low in zip(("ab1", "ba2"), lows, strict=True))
        loop = only_loop(there, back)
        assert loop.bottleneck == loop.hops[narrowest]


def test_several_currencies_are_not_compared() -> None:
    euros = deal("b", "a", "2")._replace(amount=Amount(Decimal(1), Decimal(1), "EUR", "1 euro"))
    loop = only_loop(deal("a", "b", "1")._replace(amount=usd(5, 5)), euros)
    assert (loop.amount, loop.bottleneck, loop.unknown) == (None, None, ())


def test_undisclosed_amount_may_be_any() -> None:
    loop = only_loop(deal("a", "b", "1"), deal("b", "a", "2")._replace(amount=usd(5)))
    assert admits(LoopFilter(amount_possibly_gte=Decimal(10)), loop)
    capped = only_loop(deal("a", "b", "1"), deal("b", "a", "2")._replace(amount=usd(None, 5)))
    assert not admits(LoopFilter(amount_possibly_gte=Decimal(10)), capped)
    assert admits(LoopFilter(amount_possibly_gte=Decimal(5)), capped)


def test_first_loops_of_a_dense_graph_come_without_listing_the_rest() -> None:
    answer = value_loops(dense(60), 6, limit=1_000, budget=20_000)
    assert len(answer.loops) == 1_000
    assert answer.truncated == ("loops",)


def test_loops_of_one_company_of_a_dense_graph_are_found_without_trying_those_of_others() -> None:
    graph = [*dense(60), deal("zz", "c59", "there"), deal("c59", "zz", "back")]
    answer = value_loops(graph, 6, limit=10, budget=2_000, wanted=LoopFilter(companies=frozenset({"zz"})))
    assert [loop.nodes for loop in answer.loops] == [("c59", "zz")]


def test_loops_of_six_in_5000_edges_are_cut_honestly() -> None:
    names = [f"c{number:03}" for number in range(500)]
    hops = [(number, number * step % 500) for step in range(2, 12) for number in range(500)]
    graph = [deal(names[one], names[other], f"{one}-{other}") for one, other in hops]
    answer = value_loops(graph, 6, limit=100_000, budget=100_000)
    assert answer.truncated == ("steps",)
    assert max(len(loop.nodes) for loop in answer.loops) < 6
    assert [loop.nodes for loop in answer.loops] == sorted(
        {loop.nodes for loop in answer.loops}, key=lambda nodes: (len(nodes), nodes)
    )
