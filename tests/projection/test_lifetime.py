"""How long an edge holds: from the earliest stated start until an end, an ending stage, or the next observation."""

from datetime import date

import pytest

from app.projection.lifetime import FIRST_DAY, LAST_DAY, Lifetime, first
from app.projection.rules import DerivedEdge, edges_of
from app.shared.partial_date import PartialDate
from tests.factories import citation, contract, fleet
from tests.projection.stating import RECORDED_ON, of_company, of_contract, of_fleet, of_investment, of_metric, stated

ENDING = pytest.mark.parametrize("stage", ["lapsed", "terminated", "superseded"])


def life(*edges: DerivedEdge) -> Lifetime:
    (lifetime,) = {edge.lifetime for edge in edges}
    return lifetime


def said(lifetime: Lifetime) -> tuple[str | None, str | None]:
    since, until = lifetime.since, lifetime.until
    return since.text if since else None, until.text if until else None


def start(lifetime: Lifetime) -> tuple[date, date]:
    return lifetime.start_earliest, lifetime.start_latest


def end(lifetime: Lifetime) -> tuple[date, date]:
    return lifetime.end_earliest, lifetime.end_latest


def of_reported_contract(published: str, **overrides: object) -> Lifetime:
    record = contract(**overrides)
    return life(*edges_of(stated("contracts", record, published={"the-article": published})))


@pytest.mark.parametrize("field", ["starts_on", "signed_on", "announced_on"])
def test_a_contract_holds_from_any_date_that_states_a_start(field: str) -> None:
    lifetime = life(*of_contract(**{field: "2025-03-10"}))
    assert said(lifetime) == ("2025-03-10", None)
    assert start(lifetime) == (date(2025, 3, 10), date(2025, 3, 10))
    assert end(lifetime) == (LAST_DAY, LAST_DAY)


@pytest.mark.parametrize("field", ["announced_on", "closed_on"])
def test_an_investment_holds_from_the_day_it_was_announced_or_closed(field: str) -> None:
    assert said(life(*of_investment(**{field: "2023-01"}))) == ("2023-01", None)


def test_the_earliest_of_several_starts_counts() -> None:
    lifetime = life(*of_contract(starts_on="2026", signed_on="2025-04-02", announced_on="2025-03-10"))
    assert said(lifetime) == ("2025-03-10", None)
    assert said(life(*of_investment(closed_on="2023-01", announced_on="2023-02"))) == ("2023-01", None)


def test_a_vague_start_began_no_later_than_a_precise_one() -> None:
    lifetime = life(*of_contract(announced_on="2025", signed_on="2025-03-10"))
    assert start(lifetime) == (date(2025, 1, 1), date(2025, 3, 10))


def test_a_partial_start_is_a_range_of_days() -> None:
    assert start(life(*of_contract(starts_on="2025-Q3"))) == (date(2025, 7, 1), date(2025, 9, 30))


def test_where_no_start_is_stated_it_began_by_the_first_report() -> None:
    cited = [citation(), citation(source="later")]
    published = {"the-article": "2025-03-12", "later": "2026"}
    lifetime = life(*edges_of(stated("contracts", contract(citations=cited), published=published)))
    assert said(lifetime) == (None, None)
    assert start(lifetime) == (FIRST_DAY, date(2025, 3, 12))


def test_where_no_source_has_a_date_the_first_report_is_the_day_of_recording() -> None:
    for edges in (of_contract(), of_investment(), of_company(parent="softbank"), of_metric(period=None)):
        assert start(life(*edges)) == (FIRST_DAY, RECORDED_ON)
    assert start(life(*of_fleet(as_of=None, users=["openai"]))) == (FIRST_DAY, RECORDED_ON)


def test_a_contract_holds_until_its_stated_end() -> None:
    lifetime = life(*of_contract(starts_on="2025", ends_on="2030-03", term_months=12))
    assert said(lifetime) == ("2025", "2030-03")
    assert end(lifetime) == (date(2030, 3, 1), date(2030, 3, 31))


def test_an_end_that_nobody_stated_follows_from_the_term_and_says_so() -> None:
    (edge,) = of_contract(announced_on="2025-03-10", term_months=60)
    assert said(edge.lifetime) == ("2025-03-10", "2030-03")
    assert edge.derived == {"until": "2025-03-10 + 60 months, since no end is stated"}
    assert of_contract(starts_on="2025", ends_on="2030", term_months=60)[0].derived == {}


def test_an_end_that_follows_from_a_partial_start_is_bounded_by_the_first_and_the_last_month_it_may_be() -> None:
    (edge,) = of_contract(starts_on="2025", term_months=18)
    assert end(edge.lifetime) == (date(2026, 7, 1), date(2027, 6, 30))
    assert said(edge.lifetime) == ("2025", "[2026-07..2027-06]")
    assert edge.derived == {"until": "2025 + 18 months, since no end is stated"}


def test_the_term_runs_from_the_start_of_the_supply_and_the_edge_from_the_announcement() -> None:
    (edge,) = of_contract(announced_on="2025-03-10", signed_on="2025-05", starts_on="2026-01", term_months=60)
    assert said(edge.lifetime) == ("2025-03-10", "2031-01")
    assert edge.derived == {"until": "2026-01 + 60 months, since no end is stated"}


def test_a_term_with_no_start_gives_no_end() -> None:
    (edge,) = of_contract(term_months=60)
    assert (said(edge.lifetime), edge.derived) == ((None, None), {})


def test_a_term_past_the_last_year_is_an_open_end() -> None:
    (edge,) = of_contract(starts_on="9999", term_months=60)
    assert (end(edge.lifetime), edge.derived) == ((LAST_DAY, LAST_DAY), {})


@ENDING
def test_a_stage_that_ends_a_contract_did_so_between_its_start_and_the_report(stage: str) -> None:
    lifetime = of_reported_contract("2025-03-12", starts_on="2023-01", stage=stage)
    assert end(lifetime) == (date(2023, 1, 1), date(2025, 3, 12))
    assert said(lifetime) == ("2023-01", None)


@ENDING
def test_an_ending_stage_cuts_short_an_end_that_was_agreed(stage: str) -> None:
    for agreed in ({"ends_on": "2030-03"}, {"term_months": 60}):
        lifetime = of_reported_contract("2026-02-01", starts_on="2025-03", stage=stage, **agreed)
        assert end(lifetime) == (date(2025, 3, 1), date(2026, 2, 1))
        assert said(lifetime) == ("2025-03", None), "until when it held is not known"


def test_an_end_that_is_not_kept_has_no_formula() -> None:
    assert of_contract(starts_on="2025-03", term_months=60, stage="terminated")[0].derived == {}


@ENDING
def test_an_end_before_the_report_stands(stage: str) -> None:
    lifetime = of_reported_contract("2026-02-01", starts_on="2023-01", ends_on="2025-06", stage=stage)
    assert end(lifetime) == (date(2025, 6, 1), date(2025, 6, 30))
    assert said(lifetime) == ("2023-01", "2025-06")


def test_of_an_end_that_may_lie_after_the_report_only_the_part_before_it_is_left() -> None:
    lifetime = of_reported_contract("2025-06-15", starts_on="2023", ends_on="2025", stage="lapsed")
    assert end(lifetime) == (date(2025, 1, 1), date(2025, 6, 15))


def test_an_end_is_reported_by_the_newest_source() -> None:
    cited = [citation(), citation(source="later")]
    record = contract(starts_on="2023", stage="terminated", citations=cited)
    dated = stated("contracts", record, published={"the-article": "2025-03-12", "later": "2026-05"})
    assert end(life(*edges_of(dated))) == (date(2023, 1, 1), date(2026, 5, 31))


def test_what_was_given_up_before_it_was_to_start_never_held() -> None:
    lifetime = of_reported_contract("2025-03-12", starts_on="2027", ends_on="2030", stage="lapsed")
    assert end(lifetime) == (date(2025, 3, 12), date(2025, 3, 12))
    assert start(lifetime) == (date(2027, 1, 1), date(2027, 12, 31))


def test_an_investment_and_a_fleet_end_by_their_stage_too() -> None:
    assert end(life(*of_investment(closed_on="2023-01", stage="terminated"))) == (date(2023, 1, 1), RECORDED_ON)
    assert end(life(*of_fleet(as_of="2024-03", users=["openai"], stage="lapsed"))) == (date(2024, 3, 1), RECORDED_ON)


@pytest.mark.parametrize("stage", ["rumoured", "intended", "announced", "signed", "active", "completed"])
def test_no_other_stage_ends_an_edge(stage: str) -> None:
    assert end(of_reported_contract("2025-03-12", stage=stage)) == (LAST_DAY, LAST_DAY)
    assert end(life(*of_investment(stage=stage))) == (LAST_DAY, LAST_DAY)


def test_a_metric_holds_from_the_first_day_of_its_period_and_says_of_which_it_is() -> None:
    lifetime = life(*of_metric(period="2024"))
    assert said(lifetime) == ("2024", None)
    assert start(lifetime) == (date(2024, 1, 1), date(2024, 1, 1))
    assert end(lifetime) == (LAST_DAY, LAST_DAY)


def test_a_metric_holds_until_the_day_before_the_next_period() -> None:
    lifetime = life(*of_metric(period="2024", followed_by="2025-Q1"))
    assert said(lifetime) == ("2024", "2025-Q1")
    assert end(lifetime) == (date(2024, 12, 31), date(2024, 12, 31))


def test_a_fleet_holds_from_some_day_of_its_date() -> None:
    lifetime = life(*of_fleet(as_of="2025-03", users=["openai"]))
    assert said(lifetime) == ("2025-03", None)
    assert start(lifetime) == (date(2025, 3, 1), date(2025, 3, 31))


def test_a_fleet_holds_until_the_one_that_supersedes_it() -> None:
    lifetime = life(*of_fleet(as_of="2025-03", users=["openai"], followed_by="2025-09"))
    assert said(lifetime) == ("2025-03", "2025-09")
    assert end(lifetime) == (date(2025, 8, 31), date(2025, 9, 29))


def test_a_fleet_that_was_shut_down_ended_before_a_later_one_took_its_place() -> None:
    record = stated(
        "fleets",
        fleet(as_of="2024-03", users=["openai"], stage="terminated"),
        published={"the-article": "2025-03-12"},
        followed_by="2026",
    )
    assert end(life(*edges_of(record))) == (date(2024, 3, 1), date(2025, 3, 12))


def test_the_earliest_of_some_days_does_not_depend_on_their_order() -> None:
    days = [PartialDate.parse(text) for text in ("2025", "2025-01~", "2025-01", "2025-02-01")]
    assert first(days) == first(reversed(days)) == PartialDate.parse("2025-01")
    assert first([]) is None
