"""Which fleet takes the place of which, and when."""

from datetime import date

from app.projection.lifetime import FIRST_DAY, Start
from app.projection.observations import fleets_observed, replaced
from app.projection.rules import StatedRecord
from app.shared.partial_date import PartialDate
from tests.factories import fleet
from tests.projection.stating import RECORDED_ON, stated


def observed(slug: str, as_of: str | None, *, supersedes: str | None = None, stage: str = "active") -> StatedRecord:
    return stated("fleets", fleet(slug=slug, as_of=as_of, supersedes=supersedes, stage=stage))


def next_of(slug: str, *fleets: StatedRecord) -> Start | None:
    """When another takes the place of a fleet."""
    (one,) = [fleet for fleet in fleets if fleet.slug == slug]
    return replaced(one, lambda earlier: [other for other in fleets if other.document["supersedes"] == earlier])


def test_the_first_of_several_counts_by_each_of_its_bounds() -> None:
    day, year = observed("day", "2025-05-01", supersedes="old"), observed("year", "2025", supersedes="old")
    old, first = observed("old", "2024"), Start(PartialDate.parse("2025"), date(2025, 1, 1), date(2025, 5, 1))
    assert next_of("old", old, day, year) == next_of("old", year, day, old) == first


def test_an_undated_one_began_on_an_unknown_day_by_its_first_report() -> None:
    undated, old = observed("undated", None, supersedes="old"), observed("old", "2024")
    assert next_of("old", old, undated) == Start(None, FIRST_DAY, RECORDED_ON)
    dated = observed("dated", "2025-05-01", supersedes="old")
    assert next_of("old", old, undated, dated) == Start(None, FIRST_DAY, date(2025, 5, 1)), "whichever was first"


def test_a_plan_replaces_a_plan_and_nothing_else() -> None:
    plan = observed("plan", "2025-05-01", supersedes="old", stage="intended")
    day = PartialDate.parse("2025-05-01")
    for stage, start in (
        ("active", None),
        ("announced", None),
        ("intended", Start(day, day.earliest, day.latest)),
        ("rumoured", Start(day, day.earliest, day.latest)),
    ):
        assert next_of("old", observed("old", "2024", stage=stage), plan) == start, stage


def test_what_replaces_a_plan_replaces_what_the_plan_was_to_replace_but_nothing_goes_through_what_runs() -> None:
    old, runs = observed("old", "2024"), observed("runs", "2026", supersedes="plan")
    plan = observed("plan", "2025", supersedes="old", stage="intended")
    other = observed("other", "2025-02", supersedes="plan", stage="rumoured")
    last = observed("last", "2025-03-01", supersedes="runs")
    start = next_of("old", old, plan, other, runs, last)
    assert start == Start(PartialDate.parse("2026"), date(2026, 1, 1), date(2026, 12, 31))


def test_fleets_that_supersede_each_other_in_a_circle_do_not_end_themselves() -> None:
    one = observed("one", "2024", supersedes="other")
    other = observed("other", "2025-05-01", supersedes="one", stage="intended")
    assert next_of("one", one, other) is None
    assert next_of("itself", observed("itself", "2024", supersedes="itself")) is None


def test_each_fleet_is_as_observed_until_the_first_that_takes_its_place() -> None:
    fleets = [observed("old", "2024-03-01"), observed("new", "2025-05", supersedes="old")]
    lives = {fleet.slug: lifetime for fleet, lifetime in fleets_observed(fleets)}
    for day, holds, may_hold in (
        (date(2025, 4, 30), True, True),
        (date(2025, 5, 1), False, True),
        (date(2025, 5, 30), False, True),
        (date(2025, 5, 31), False, False),
    ):
        assert (lives["old"].holds(day), lives["old"].may_hold(day)) == (holds, may_hold), day
    assert not lives["new"].may_hold(date(2025, 4, 30))
    assert lives["new"].holds(date(2025, 5, 31))
