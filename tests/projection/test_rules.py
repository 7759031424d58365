"""``edges_of``: every row of the table in the design, and every sentence under it."""

from itertools import product

import pytest

from app.projection.rules import edges_of, strongest_evidence
from tests.factories import citation, contract, event, source
from tests.projection.stating import (
    PERCENT_62,
    USD_10,
    ends,
    of_company,
    of_contract,
    of_fleet,
    of_investment,
    of_metric,
    parties,
    sentence,
    stated,
)

SUPPLY = ("compute", "hardware", "technology", "energy", "colocation", "other")


@pytest.mark.parametrize("kind", SUPPLY)
def test_a_contract_makes_its_customer_depend_on_its_supplier_by_the_kind_of_the_contract(kind: str) -> None:
    (edge,) = of_contract(kind=kind)
    assert (edge.dependent, edge.on, edge.kind) == ("openai", "coreweave", kind)
    assert (edge.amount, edge.share, edge.part_of) == (None, None, None)


@pytest.mark.parametrize("kind", SUPPLY)
def test_a_stated_value_makes_the_supplier_depend_on_the_customer_for_revenue(kind: str) -> None:
    supply, revenue = of_contract(kind=kind, value=USD_10)
    assert (supply.dependent, supply.on, supply.kind) == ("openai", "coreweave", kind)
    assert (revenue.dependent, revenue.on, revenue.kind) == ("coreweave", "openai", "revenue")
    assert supply.amount == revenue.amount
    assert supply.amount is not None
    assert supply.amount["text"] == "USD 10"
    assert supply.lifetime == revenue.lifetime


def test_an_undisclosed_value_gives_no_revenue_edge_and_no_amount() -> None:
    (edge,) = of_contract(value={"qualifier": "undisclosed", "unit": "USD"})
    assert (edge.kind, edge.amount) == ("compute", None)


@pytest.mark.parametrize(
    "value",
    [
        {"qualifier": "approximately", "amount": 10, "unit": "USD"},
        {"qualifier": "exact", "amount": 10, "unit": "USD", "approximate": True},
    ],
)
def test_an_approximate_value_is_a_stated_one(value: dict[str, object]) -> None:
    assert [(edge.kind, edge.amount and edge.amount["text"]) for edge in of_contract(value=value)] == [
        ("compute", "about USD 10"),
        ("revenue", "about USD 10"),
    ]


def test_a_customer_that_pays_sends_money_along_the_edge_and_one_whose_price_is_unknown_a_payment_for_supply() -> None:
    supply, revenue = of_contract(value=USD_10)
    assert (supply.flow, supply.nature) == ("along", "money")
    assert (revenue.flow, revenue.nature) == (None, None), "the contract is counted once already"
    (unpriced,) = of_contract()
    assert (unpriced.flow, unpriced.nature) == ("along", "supply")


def test_every_customer_depends_on_every_supplier() -> None:
    roles = parties(a="customer", s="supplier", b="customer", t="supplier")
    found = ends(of_contract(parties=roles, value=USD_10))
    pairs = list(product("ab", "st"))
    assert sorted(found) == sorted(
        [(customer, supplier, "compute") for customer, supplier in pairs]
        + [(supplier, customer, "revenue") for customer, supplier in pairs]
    )


def test_a_guarantor_has_no_edge() -> None:
    roles = parties(openai="customer", coreweave="supplier", microsoft="guarantor")
    assert ends(of_contract(parties=roles, value=USD_10)) == [
        ("openai", "coreweave", "compute"),
        ("coreweave", "openai", "revenue"),
    ]


@pytest.mark.parametrize("role", ["customer", "supplier", "venture", "member", "guarantor"])
def test_a_contract_with_one_side_only_implies_nothing(role: str) -> None:
    assert of_contract(parties=parties(openai=role), value=USD_10) == []
    assert of_contract(parties=parties(openai=role), value=USD_10, kind="partnership") == []


def test_a_supply_contract_has_no_edge_for_a_venture_or_its_members() -> None:
    roles = parties(openai="customer", coreweave="supplier", stargate="venture", oracle="member")
    assert ends(of_contract(parties=roles)) == [("openai", "coreweave", "compute")]


def test_a_partnership_makes_the_venture_depend_on_its_members_and_its_customers_on_the_venture() -> None:
    roles = parties(stargate="venture", softbank="member", oracle="member", openai="customer")
    edges = of_contract(kind="partnership", parties=roles)
    assert ends(edges) == [
        ("stargate", "softbank", "partnership"),
        ("stargate", "oracle", "partnership"),
        ("openai", "stargate", "compute"),
    ]
    flows = [(edge.flow, edge.nature) for edge in edges]
    assert flows == [(None, None), (None, None), ("along", "supply")]


def test_the_value_of_a_partnership_is_what_its_members_bring_in() -> None:
    roles = parties(stargate="venture", softbank="member", openai="customer")
    member, customer = of_contract(kind="partnership", parties=roles, value=USD_10)
    assert member.amount is not None
    assert member.amount["text"] == "USD 10"
    assert customer.amount is None


def test_a_partnership_has_no_edge_for_suppliers_and_guarantors() -> None:
    roles = parties(stargate="venture", softbank="member", oracle="supplier", microsoft="guarantor")
    assert ends(of_contract(kind="partnership", parties=roles)) == [("stargate", "softbank", "partnership")]


def test_an_investment_makes_the_investee_depend_on_each_investor_for_capital() -> None:
    edges = of_investment(investors=["nvidia", "softbank"], amount=USD_10, stake=PERCENT_62)
    assert ends(edges) == [("coreweave", "nvidia", "capital"), ("coreweave", "softbank", "capital")]
    for edge in edges:
        assert edge.amount is not None
        assert edge.share is not None
        assert (edge.amount["text"], edge.share["text"], edge.part_of) == ("USD 10", "62 percent", None)


@pytest.mark.parametrize("instrument", ["cash", "equity", "debt", "convertible", "warrants", "acquisition"])
def test_an_investor_sends_money_against_the_edge(instrument: str) -> None:
    (edge,) = of_investment(instrument=instrument)
    assert (edge.flow, edge.nature) == ("against", "money")


def test_shares_in_kind_are_given_along_the_edge_and_are_part_of_their_contract() -> None:
    (edge,) = of_investment(instrument="shares_in_kind", amount=USD_10, contract="openai-coreweave")
    assert (edge.dependent, edge.on, edge.kind) == ("coreweave", "nvidia", "capital")
    assert (edge.flow, edge.nature, edge.part_of) == ("along", "equity", "openai-coreweave")
    assert edge.amount is not None
    assert edge.amount["text"] == "USD 10"


def test_an_undisclosed_amount_and_stake_are_none_of_an_investment() -> None:
    undisclosed = {"qualifier": "undisclosed", "unit": "USD"}
    (edge,) = of_investment(amount=undisclosed, stake=undisclosed | {"unit": "percent"})
    assert (edge.amount, edge.share) == (None, None)


def test_a_fleet_makes_its_operator_depend_on_each_vendor_and_its_users_on_the_operator() -> None:
    edges = of_fleet(hardware=[{"vendor": "nvidia"}, {"vendor": "amd"}], users=["openai", "microsoft"])
    assert ends(edges) == [
        ("coreweave", "nvidia", "hardware"),
        ("coreweave", "amd", "hardware"),
        ("openai", "coreweave", "compute"),
        ("microsoft", "coreweave", "compute"),
    ]
    assert {(edge.flow, edge.nature) for edge in edges} == {("along", "supply")}, "an operator pays its vendor"


def test_the_hardware_of_a_vendor_is_one_edge_with_the_one_quantity_that_is_stated() -> None:
    many = {"qualifier": "more_than", "amount": 250_000, "unit": "gpu"}
    lines = [{"vendor": "nvidia", "product": "GPUs", "quantity": many}, {"vendor": "nvidia", "product": "Blackwell"}]
    (edge,) = of_fleet(hardware=lines)
    assert edge.amount is not None
    assert (edge.amount["low"], edge.amount["high"], edge.amount["unit"]) == (250_000, None, "gpu")
    assert sentence(edge) == "coreweave runs GPUs, Blackwell of nvidia (more than 250,000 GPUs)."


def test_two_stated_quantities_of_a_vendor_are_not_added_up() -> None:
    some = {"qualifier": "exact", "amount": 100, "unit": "gpu"}
    (edge,) = of_fleet(hardware=[{"vendor": "nvidia", "quantity": some}, {"vendor": "nvidia", "quantity": some}])
    assert edge.amount is None


def test_a_company_depends_on_its_parent_for_ownership() -> None:
    (edge,) = of_company(slug="deepmind", parent="alphabet")
    assert (edge.dependent, edge.on, edge.kind) == ("deepmind", "alphabet", "ownership")
    assert (edge.flow, edge.nature) == (None, None)
    assert of_company(slug="alphabet") == []


@pytest.mark.parametrize(("name", "kind"), [("revenue_share", "revenue"), ("compute_share", "compute")])
def test_a_share_metric_makes_the_company_depend_on_its_counterparty_with_the_share(name: str, kind: str) -> None:
    (edge,) = of_metric(name=name)
    assert (edge.dependent, edge.on, edge.kind) == ("coreweave", "microsoft", kind)
    assert edge.share is not None
    assert (edge.share["low"], edge.share["high"], edge.share["unit"]) == (62, 62, "percent")
    assert (edge.amount, edge.flow, edge.nature) == (None, None, None)


@pytest.mark.parametrize("name", ["revenue", "capex", "valuation", "headcount", "other"])
def test_any_other_metric_implies_nothing_even_with_a_counterparty(name: str) -> None:
    assert of_metric(name=name) == []


def test_a_share_with_no_counterparty_implies_nothing() -> None:
    assert of_metric(counterparty=None) == []


def test_an_undisclosed_share_is_still_a_dependency() -> None:
    (edge,) = of_metric(value={"qualifier": "undisclosed", "unit": "percent"})
    assert edge.share is None
    assert sentence(edge) == "coreweave has an undisclosed share of its revenue from microsoft in 2024."


def test_events_and_sources_imply_nothing() -> None:
    assert edges_of(stated("events", event())) == []
    assert edges_of(stated("sources", source())) == []


def test_there_is_no_edge_from_a_company_to_itself() -> None:
    both = [{"company": "openai", "role": "customer"}, {"company": "openai", "role": "supplier"}]
    assert of_contract(parties=both, value=USD_10) == []
    assert of_investment(investors=["coreweave", "nvidia"])[0].on == "nvidia"
    assert of_fleet(hardware=[{"vendor": "coreweave"}], users=["coreweave"]) == []
    assert of_metric(counterparty="coreweave") == []
    assert of_company(slug="openai", parent="openai") == []


def test_two_companies_that_supply_each_other_depend_on_each_other() -> None:
    pairs = [("openai", "customer"), ("microsoft", "supplier"), ("microsoft", "customer"), ("openai", "supplier")]
    mutual = [{"company": slug, "role": role} for slug, role in pairs]
    assert ends(of_contract(parties=mutual, kind="technology")) == [
        ("openai", "microsoft", "technology"),
        ("microsoft", "openai", "technology"),
    ]


def test_what_is_listed_twice_is_one_edge() -> None:
    assert len(of_contract(parties=parties(openai="customer", coreweave="supplier") * 2, value=USD_10)) == 2
    assert len(of_investment(investors=["nvidia", "nvidia"])) == 1
    assert len(of_fleet(users=["openai", "openai"])) == 1


def test_a_contract_that_amends_another_states_only_what_it_adds() -> None:
    (edge,) = of_contract(slug="extension", amends="openai-coreweave", starts_on="2026")
    assert edge.part_of is None
    assert edge.lifetime.since is not None
    assert edge.lifetime.since.text == "2026"


@pytest.mark.parametrize("stage", ["rumoured", "intended", "announced"])
def test_the_sentence_of_a_deal_that_does_not_bind_yet_ends_with_its_stage(stage: str) -> None:
    supply, revenue = of_contract(stage=stage, value=USD_10)
    assert sentence(supply) == f"openai gets compute from coreweave, USD 10 ({stage})."
    assert sentence(revenue) == f"coreweave earns revenue from openai, USD 10 ({stage})."
    assert sentence(*of_investment(stage=stage)) == f"coreweave has capital from nvidia ({stage})."
    assert sentence(*of_fleet(stage=stage, users=["openai"])) == (
        f"openai uses data centers that coreweave operates ({stage})."
    )


@pytest.mark.parametrize("stage", ["signed", "active", "completed", "lapsed", "terminated", "superseded"])
def test_the_sentence_of_any_other_deal_names_no_stage(stage: str) -> None:
    assert sentence(*of_contract(stage=stage)) == "openai gets compute from coreweave."


def test_the_sentences_read_as_english() -> None:
    roles = parties(stargate="venture", softbank="member", openai="customer")
    found = [
        *of_contract(products=["GPT-4", "o1"], kind="technology"),
        *of_contract(kind="other"),
        *of_contract(kind="partnership", parties=roles, value=USD_10),
        *of_investment(instrument="shares_in_kind", amount=USD_10, contract="a-contract"),
        *of_fleet(hardware=[{"vendor": "nvidia"}]),
        *of_company(slug="deepmind", parent="alphabet"),
        *of_metric(),
    ]
    assert [sentence(edge) for edge in found] == [
        "openai gets GPT-4, o1 from coreweave.",
        "openai gets supplies from coreweave.",
        "stargate is a venture in which softbank takes part, USD 10.",
        "openai gets compute from stargate.",
        "coreweave gives nvidia shares, USD 10 as part of the contract a-contract.",
        "coreweave runs hardware of nvidia.",
        "deepmind is owned by alphabet.",
        "coreweave has 62 percent of its revenue from microsoft in 2024.",
    ]


def test_braces_in_the_names_of_products_and_companies_survive() -> None:
    (supply,) = of_contract(products=["{on}", "a {} b", "{{x}}", "{0!r:>9}"])
    assert sentence(supply, dependent="{on} Inc", on="B {}") == "{on} Inc gets {on}, a {} b, {{x}}, {0!r:>9} from B {}."
    (hardware,) = of_fleet(hardware=[{"vendor": "nvidia", "product": "{dependent}"}])
    assert sentence(hardware) == "coreweave runs {dependent} of nvidia."


def test_the_evidence_of_an_edge_is_the_strongest_of_its_citations() -> None:
    weakest_first = ["rumoured", "estimated", "derived", "reported", "confirmed"]
    for count in range(1, len(weakest_first) + 1):
        given = weakest_first[:count]
        record = stated("contracts", contract(citations=[citation(evidence=word) for word in given]))
        assert strongest_evidence(record.document) == given[-1]
    assert strongest_evidence({"citations": []}) is None
