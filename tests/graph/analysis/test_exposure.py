import random
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.exposure import Concentration, Exposure, Group, exposure
from app.graph.analysis.model import Edge, RecordRef
from tests.graph.analysis.stated import (
    CONTRACT,
    IN_KIND,
    SHARE_2024,
    about,
    amount,
    article,
    article_metrics,
    bounds,
    edge,
    exactly,
    invested,
    metric,
)


def group_of(found: Exposure, by: str, kind: str) -> Group:
    (group,) = [group for group in found.groups if (group.by, group.kind) == (by, kind)]
    return group


def capital(edges: list[Edge]) -> Group:
    return group_of(exposure("openai", edges, []), "investor", "capital")


def only(group: Group) -> Concentration:
    (concentration,) = group.concentrations
    return concentration


def shares(concentration: Concentration) -> dict[str, tuple[Any, Any]]:
    return {party.company: bounds(party.share) for party in concentration.parties}


def left_out(found: Group | Concentration) -> list[tuple[str, str, str]]:
    return [(one.company, one.record.slug, one.reason) for one in found.left_out]


def test_microsoft_has_62_percent_of_coreweaves_revenue_of_2024_and_others_the_rest() -> None:
    customers = group_of(exposure("coreweave", article(), article_metrics()), "customer", "revenue")
    stated, by_amount = customers.concentrations
    assert customers.companies == ("microsoft", "openai")
    assert (stated.basis, stated.period, stated.tentative) == ("stated", "2024", False)
    assert shares(stated) == {"microsoft": (62, 62)}
    assert stated.parties[0].records == (SHARE_2024,)
    assert bounds(stated.remainder) == (38, 38)
    assert [one and one.unit for one in (stated.remainder, stated.parties[0].share)] == ["percent"] * 2
    assert bounds(stated.hhi) == (3844, 5288)
    # Microsoft's amount is unknown, so the contract of OpenAI bounds no share.
    assert bounds(by_amount.total) == (11_900_000_000, None)
    assert shares(by_amount) == {"microsoft": (0, 100), "openai": (0, 100)}
    assert bounds(by_amount.hhi) == (5000, 10_000)


def test_shares_in_kind_under_a_contract_are_listed_and_not_added() -> None:
    investors = group_of(exposure("coreweave", article(), []), "investor", "capital")
    assert investors.companies == ("nvidia", "openai")
    assert investors.concentrations == ()
    assert left_out(investors) == [
        ("nvidia", "nvidia-in-coreweave", "undisclosed amount"),
        ("openai", IN_KIND.slug, "in kind under a contract"),
    ]
    assert investors.left_out[1].amount == exactly(350_000_000)


def test_the_revenue_from_microsoft_is_derived_and_names_its_inputs() -> None:
    found = exposure("coreweave", article(), article_metrics())
    revenue = next(figure for figure in found.derived if figure.name == "revenue from microsoft")
    assert bounds(revenue.value) == (1_178_000_000, 1_178_000_000)
    assert revenue.note == "derived, not stated"


def test_each_supply_kind_is_a_group_of_its_own() -> None:
    found = exposure("openai", [*article(), edge("openai", "arm", "technology")], [])
    assert [(group.by, group.kind, group.companies) for group in found.groups] == [
        ("supplier", "compute", ("coreweave", "microsoft", "stargate")),
        ("supplier", "technology", ("arm",)),
        # No revenue of Microsoft's is stated, but it is supplied, so it is a customer of OpenAI.
        ("customer", "revenue", ("microsoft",)),
        ("investor", "capital", ("microsoft",)),
    ]


def test_amounts_of_all_parties_give_exact_shares() -> None:
    found = only(capital([invested("openai", "a", "1", exactly(1)), invested("openai", "b", "2", exactly(3))]))
    assert shares(found) == {"a": (25, 25), "b": (75, 75)}
    assert bounds(found.total) == (4, 4)
    assert bounds(found.hhi) == (6250, 6250)


def test_records_of_one_party_are_added_up_within_their_bounds() -> None:
    found = only(capital([invested("openai", "a", "1", amount(1, 2)), invested("openai", "a", "2", amount(5, None))]))
    total = found.parties[0].amount
    assert (bounds(total), total and total.unit) == ((6, None), "USD")
    assert [record.slug for record in found.parties[0].records] == ["1", "2"]


def test_one_investment_of_two_investors_counts_once_and_is_divided_nobody_says_how() -> None:
    round_ = [invested("openai", investor, "joint", exactly(10)) for investor in ("a", "b")]
    found = only(capital([*round_, invested("openai", "a", "alone", exactly(5))]))
    assert bounds(found.total) == (15, 15)
    assert [bounds(party.amount) for party in found.parties] == [(5, 15), (0, 10)]
    low, high = bounds(found.parties[0].share)
    assert (low, high) == (Decimal("33.333"), 100)


def test_a_contract_of_two_customers_is_not_certainly_any_of_ones_money() -> None:
    edges = [edge(customer, "oracle", "compute", "joint", amount=exactly(8), nature="money") for customer in ("a", "b")]
    group = group_of(exposure("a", edges, []), "supplier", "compute")
    assert bounds(only(group).total) == (0, 8)


def test_the_hardware_of_one_fleet_is_counted_by_vendor() -> None:
    fleet = RecordRef("fleets", "f")
    edges = [
        edge("openai", vendor, "hardware", fleet, amount=exactly(n, "gpu"), nature="supply")
        for vendor, n in (("amd", 1), ("nvidia", 9))
    ]
    found = only(group_of(exposure("openai", edges, []), "supplier", "hardware"))
    assert bounds(found.total) == (10, 10)
    assert shares(found) == {"amd": (10, 10), "nvidia": (90, 90)}


def test_currencies_are_never_added_up_and_each_opens_the_other() -> None:
    euros, dollars = capital(
        [invested("openai", "a", "1", exactly(7, "EUR")), invested("openai", "b", "2", exactly(9))]
    ).concentrations
    assert (euros.unit, bounds(euros.parties[0].amount)) == ("EUR", (7, 7))
    assert left_out(euros) == [("b", "2", "other currency")]
    assert left_out(dollars) == [("a", "1", "other currency")]
    assert shares(dollars) == {"a": (0, 100), "b": (0, 100)}
    assert bounds(dollars.total) == (9, None)


def test_money_and_shares_in_kind_are_apart_without_opening_each_other() -> None:
    edges = [
        invested("openai", "a", "1", exactly(7)),
        invested("openai", "b", "2", exactly(9), nature="equity"),
    ]
    equity, money = capital(edges).concentrations
    assert (equity.nature, bounds(equity.total)) == ("equity", (9, 9))
    assert (money.nature, bounds(money.total), shares(money)) == ("money", (7, 7), {"a": (100, 100)})
    assert left_out(money) == [("b", "2", "other nature")]


def test_what_is_intended_is_summed_apart_from_what_is_signed() -> None:
    edges = [
        invested("openai", "a", "1", exactly(7)),
        invested("openai", "a", "2", exactly(500), stage="intended"),
        invested("openai", "b", "3", exactly(100), stage="rumoured"),
    ]
    signed, planned = capital(edges).concentrations
    assert (signed.tentative, bounds(signed.total), shares(signed)) == (False, (7, 7), {"a": (100, 100)})
    assert left_out(signed) == [("a", "2", "intended or rumoured"), ("b", "3", "intended or rumoured")]
    assert (planned.tentative, bounds(planned.total)) == (True, (600, 600))
    assert left_out(planned) == []


def test_an_undisclosed_deal_opens_the_sum_that_leaves_it_out() -> None:
    group = capital([invested("openai", "a", "1", exactly(7)), invested("openai", "a", "2")])
    found = only(group)
    assert bounds(found.parties[0].amount) == (7, None)
    assert left_out(found) == left_out(group) == [("a", "2", "undisclosed amount")]


def test_about_is_not_undisclosed_but_certain_of_nothing_either() -> None:
    group = capital([invested("openai", "a", "1", about(10))])
    assert group.concentrations == ()
    assert left_out(group) == [("a", "1", "no certain bounds")]


def test_a_fleet_does_not_hide_a_deal_whose_amount_is_known() -> None:
    fleet = edge("openai", "amd", "hardware", RecordRef("fleets", "f"), nature="supply")
    deal = edge("openai", "amd", "hardware", "deal", amount=exactly(5), nature="money")
    found = only(group_of(exposure("openai", [fleet, deal], []), "supplier", "hardware"))
    assert bounds(found.total) == (5, 5)
    assert found.left_out == ()


def test_a_count_of_gpus_opens_no_sum_of_money_that_the_same_vendor_has() -> None:
    fleet = edge("openai", "amd", "hardware", RecordRef("fleets", "f"), amount=exactly(3, "gpu"), nature="supply")
    deal = edge("openai", "amd", "hardware", "deal", amount=exactly(5), nature="money")
    money, count = group_of(exposure("openai", [fleet, deal], []), "supplier", "hardware").concentrations
    assert (bounds(money.total), left_out(money)) == ((5, 5), [("amd", "f", "other unit")])
    assert (bounds(count.total), left_out(count)) == ((3, 3), [("amd", "deal", "other unit")])


def test_a_vendor_of_whom_only_gpus_are_counted_has_an_unknown_part_of_the_money() -> None:
    fleet = edge("openai", "nvidia", "hardware", RecordRef("fleets", "f"), amount=exactly(3, "gpu"), nature="supply")
    deal = edge("openai", "amd", "hardware", "deal", amount=exactly(5), nature="money")
    money = group_of(exposure("openai", [fleet, deal], []), "supplier", "hardware").concentrations[0]
    assert shares(money) == {"amd": (0, 100), "nvidia": (0, 100)}


def test_a_fleet_that_counts_nothing_is_not_listed_beside_a_deal_with_its_vendor() -> None:
    edges = [
        edge("openai", "nvidia", "hardware", RecordRef("fleets", "f")),
        edge("openai", "nvidia", "hardware", "deal"),
    ]
    group = group_of(exposure("openai", edges, []), "supplier", "hardware")
    assert left_out(group) == [("nvidia", "deal", "undisclosed amount")]


def test_counts_of_which_only_one_says_of_what_nature_it_is_are_apart() -> None:
    edges = [
        edge("openai", "nvidia", "hardware", "one", amount=exactly(3, "gpu")),
        edge("openai", "nvidia", "hardware", "other", amount=exactly(5, "gpu"), nature="supply"),
    ]
    group = group_of(exposure("openai", edges, []), "supplier", "hardware")
    assert [(whole.nature, bounds(whole.total)) for whole in group.concentrations] == [
        (None, (3, 3)),
        ("supply", (5, 5)),
    ]


def test_an_edge_that_only_may_hold_may_be_worth_nothing() -> None:
    found = only(capital([invested("openai", "a", "1", exactly(7), possible=True)]))
    assert bounds(found.total) == (0, 7)


def test_stated_shares_of_two_periods_are_two_wholes() -> None:
    edges = [
        edge("coreweave", "microsoft", "revenue", SHARE_2024, share=exactly(62, "percent")),
        edge("coreweave", "meta", "revenue", RecordRef("metrics", "undated"), share=exactly(70, "percent")),
    ]
    wholes = group_of(exposure("coreweave", edges, article_metrics()), "customer", "revenue").concentrations
    assert [(whole.period, shares(whole)) for whole in wholes] == [
        (None, {"meta": (70, 70)}),
        ("2024", {"microsoft": (62, 62)}),
    ]


def test_a_share_that_a_newer_one_follows_is_still_a_part_of_its_own_year() -> None:
    newer, of_meta = RecordRef("metrics", "microsoft-2025"), RecordRef("metrics", "meta-2024")
    edges = [
        edge("coreweave", "microsoft", "revenue", newer, share=exactly(70, "percent")),
        edge("coreweave", "meta", "revenue", of_meta, share=exactly(30, "percent")),
    ]
    observations = [
        metric("revenue_share", "2024", exactly(62, "percent"), SHARE_2024, "microsoft"),
        metric("revenue_share", "2024", exactly(30, "percent"), of_meta, "meta"),
        metric("revenue_share", "2025", exactly(70, "percent"), newer, "microsoft"),
        metric("revenue_share", "2023", exactly(5, "percent"), RecordRef("metrics", "all-followed"), "microsoft"),
        metric("compute_share", "2024", exactly(9, "percent"), RecordRef("metrics", "of-compute"), "microsoft"),
        metric("revenue_share", "2024", exactly(8, "percent"), RecordRef("metrics", "of-itself"), "coreweave"),
        metric("revenue_share", "2024", exactly(7, "percent"), RecordRef("metrics", "of-nobody")),
    ]
    group = group_of(exposure("coreweave", edges, observations), "customer", "revenue")
    assert [(whole.period, shares(whole)) for whole in group.concentrations] == [
        ("2024", {"meta": (30, 30), "microsoft": (62, 62)}),
        ("2025", {"microsoft": (70, 70)}),
    ]
    assert bounds(group.concentrations[0].remainder) == (8, 8)
    assert {one.record for one in group.stated} == {newer, of_meta}, "what holds no more is no stated share of the day"


def test_two_stated_shares_that_disagree_are_both_held() -> None:
    edges = [
        edge("coreweave", "microsoft", "revenue", RecordRef("metrics", slug), share=exactly(share, "percent"))
        for slug, share in (("one", 62), ("other", 65))
    ]
    found = only(group_of(exposure("coreweave", edges, []), "customer", "revenue"))
    assert shares(found) == {"microsoft": (62, 65)}
    assert len(found.parties[0].records) == 2


def test_stated_shares_above_100_percent_have_no_index_which_is_said_once_with_its_reason() -> None:
    edges = [
        edge("coreweave", customer, "revenue", RecordRef("metrics", customer), share=exactly(60, "percent"))
        for customer in ("a", "b")
    ]
    observations = [metric("revenue_share", "2024", one.share, one.record, one.on) for one in edges if one.share]
    answer = exposure("coreweave", edges, observations)
    found = only(group_of(answer, "customer", "revenue"))
    assert (found.hhi, found.remainder) == (None, None)
    assert [said for said in answer.unknowns if said.startswith("concentration")] == [
        "concentration of customers in 2024: the stated shares add up to 120 percent"
    ]


def test_stated_shares_of_at_most_100_percent_contradict_nothing() -> None:
    edges = [
        edge("coreweave", customer, "revenue", RecordRef("metrics", customer), share=exactly(50, "percent"))
        for customer in ("a", "b")
    ]
    assert exposure("coreweave", edges, []).unknowns == ()


def test_a_stake_is_shown_and_not_taken_for_a_share_of_the_capital() -> None:
    group = capital([invested("openai", "a", "1", exactly(7), share=exactly(49, "percent"))])
    assert [(one.company, bounds(one.share)) for one in group.stated] == [("a", (49, 49))]
    assert [whole.basis for whole in group.concentrations] == ["amounts"]
    assert left_out(capital([invested("openai", "a", "1", share=exactly(49, "percent"))])) == []


def test_who_may_become_a_customer_leaves_the_sum_of_those_who_are() -> None:
    edges = [
        edge("maybe", "coreweave", stage="intended"),
        edge("coreweave", "meta", "revenue", RecordRef("metrics", "m"), amount=exactly(5)),
    ]
    group = group_of(exposure("coreweave", edges, []), "customer", "revenue")
    found = only(group)
    assert (found.tentative, found.nature, bounds(found.total)) == (False, "money", (5, 5))
    assert [(one.stage, one.reason) for one in group.left_out] == [("intended", "undisclosed amount")]


def test_a_customer_that_supplies_in_the_same_deal_is_still_one_whose_amount_is_undisclosed() -> None:
    edges = [edge("a", "coreweave", record="deal"), edge("coreweave", "a", "hardware", "deal")]
    assert group_of(exposure("coreweave", edges, []), "customer", "revenue").companies == ("a",)


def test_a_deal_that_states_revenue_is_not_also_an_undisclosed_customer() -> None:
    edges = [known for known in article() if known.record == CONTRACT]
    found = only(group_of(exposure("coreweave", edges, []), "customer", "revenue"))
    assert shares(found) == {"openai": (100, 100)}
    assert found.left_out == ()


def test_a_customer_whose_revenue_is_only_about_stated_is_left_out_once() -> None:
    edges = [
        edge("coreweave", "openai", "revenue", CONTRACT, amount=about(12)),
        edge("openai", "coreweave", "compute", CONTRACT, amount=about(12), nature="money"),
    ]
    group = group_of(exposure("coreweave", edges, []), "customer", "revenue")
    assert left_out(group) == [("openai", CONTRACT.slug, "no certain bounds")]


def test_a_company_that_nothing_is_known_of_has_no_exposure() -> None:
    assert exposure("nobody", article(), article_metrics()) == Exposure("nobody", (), (), ())


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(chance: random.Random) -> None:
    edges, metrics = article(), article_metrics()
    chance.shuffle(edges)
    chance.shuffle(metrics)
    for company in ("coreweave", "openai", "microsoft", "stargate"):
        assert exposure(company, edges, metrics) == exposure(company, article(), article_metrics())


def test_where_there_may_be_more_every_sum_is_open_and_others_may_have_any_part() -> None:
    edges = [invested("openai", "a", "1", exactly(10)), invested("openai", "b", "2", exactly(30))]
    whole, part = (
        only(group_of(exposure("openai", edges, [], partial=partial), "investor", "capital"))
        for partial in (False, True)
    )
    assert (bounds(whole.total), bounds(whole.remainder), shares(whole)["a"]) == ((40, 40), (0, 0), (25, 25))
    assert (bounds(part.total), bounds(part.remainder), shares(part)["a"]) == ((40, None), (0, 100), (0, 100))
    assert [bounds(party.amount) for party in part.parties] == [(10, None), (30, None)]
    assert {party.amount and party.amount.unit for party in part.parties} == {"USD"}
    assert [one and one.unit for one in (part.total, part.remainder, part.parties[0].share)] == [
        "USD",
        "percent",
        "percent",
    ]


def test_a_stated_share_that_only_may_hold_or_is_open_has_wide_bounds_and_any_other_its_own_words() -> None:
    stated = {
        "a": amount(30, 30, "percent", "nearly a third"),
        "b": amount(20, None, "percent"),
        "c": amount(10, 10, "percent", "a tenth"),
    }
    edges = [
        edge("coreweave", company, "revenue", RecordRef("metrics", company), share=share, possible=company == "a")
        for company, share in stated.items()
    ]
    customers = group_of(exposure("coreweave", edges, []), "customer", "revenue")
    found = only(customers)
    assert shares(found) == {"a": (0, 30), "b": (20, 100), "c": (10, 10)}
    assert {found.unit, *(party.share.unit for party in found.parties)} == {"percent"}
    said = {party.company: party.share.text for party in found.parties}
    assert (said["a"], said["c"]) == ("up to 30 percent", "a tenth")
    assert [(one.company, one.stage, one.possible) for one in customers.stated] == [
        ("a", "signed", True),
        ("b", "signed", False),
        ("c", "signed", False),
    ]


def test_what_is_left_out_keeps_its_stage_and_what_was_said_of_it() -> None:
    edges = [invested("openai", "a", "1", exactly(10)), invested("openai", "a", "2", about(5), stage="rumoured")]
    (left,) = only(capital(edges)).left_out
    assert (left.stage, left.amount and left.amount.text, left.reason) == (
        "rumoured",
        "about 5 USD",
        "intended or rumoured",
    )
