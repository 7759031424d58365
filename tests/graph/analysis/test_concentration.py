from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.concentration import herfindahl, remainder
from app.graph.analysis.intervals import Bounds
from tests.graph.analysis.stated import bounds

TOTAL = 100_000  # thousandths of a percent


def share(low: str | int, high: str | int | None = None) -> Bounds:
    return Bounds(Decimal(low), Decimal(low if high is None else high))


@st.composite
def markets(draw: st.DrawFn) -> tuple[list[int], list[Bounds]]:
    """True shares in thousandths of a percent that add up to all of it, and bounds that hold each."""
    cuts = sorted(draw(st.lists(st.integers(0, TOTAL), max_size=6)))
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, TOTAL], strict=True)]
    slack = st.integers(0, 30_000)
    known = [Bounds(thousandths(max(0, s - draw(slack))), thousandths(s + draw(slack))) for s in shares]
    return shares, known


def thousandths(number: int) -> Decimal:
    return Decimal(number).scaleb(-3)


def index(shares: list[int]) -> Decimal:
    return sum((thousandths(s) ** 2 for s in shares), Decimal(0))


@given(markets())
def test_the_bounds_of_a_complete_market_hold_its_true_index(market: tuple[list[int], list[Bounds]]) -> None:
    found = herfindahl(market[1], complete=True)
    low, high = bounds(found)
    assert low <= index(market[0]) <= high


@given(markets(), st.integers(0, 6))
def test_the_bounds_hold_the_true_index_whatever_part_of_the_market_is_known(
    market: tuple[list[int], list[Bounds]], known: int
) -> None:
    low, high = bounds(herfindahl(market[1][:known], complete=False))
    assert low <= index(market[0]) <= high


@given(st.lists(st.integers(0, TOTAL), min_size=1, max_size=6))
def test_known_shares_with_others_follow_the_closed_formula(weights: list[int]) -> None:
    scale = max(sum(weights), TOTAL)
    shares = [weight * TOTAL // scale for weight in weights]
    rest = TOTAL - sum(shares)
    found = herfindahl([share(str(thousandths(s))) for s in shares], complete=False)
    low, high = bounds(found)
    assert 0 <= index(shares) - low < Decimal("0.001")
    assert 0 <= high - index([*shares, rest]) < Decimal("0.001")


def test_one_share_of_62_percent_bounds_the_index_from_3844_to_5288() -> None:
    found = herfindahl([share(62)], complete=False)
    assert bounds(found) == (3844, 5288)
    assert found is not None
    assert found.text == "between 3,844 and 5,288 points"


def test_a_listed_party_with_at_least_a_share_narrows_both_ends() -> None:
    # 62² + 10²; the 28 left go to the one with 10 to 38: 62² + 38² (an other with 28 would make less).
    assert bounds(herfindahl([share(62), share(10, 100)], complete=False)) == (3944, 5288)
    # 62² + 10² + 28², as a party of exactly 10 cannot grow.
    assert bounds(herfindahl([share(62), share(10)], complete=False)) == (3944, 4728)


def test_two_parties_of_unknown_share_who_are_all_there_is_lie_between_a_half_each_and_a_monopoly() -> None:
    assert bounds(herfindahl([share(0, 100), share(0, 100)], complete=True)) == (5000, 10_000)


def test_three_equal_thirds_come_out_at_a_third() -> None:
    third = share("33.333", "33.334")
    low, high = bounds(herfindahl([third] * 3, complete=True))
    assert Decimal("3333.33") <= low <= Decimal(10_000) / 3 <= high <= Decimal("3333.34")


@pytest.mark.parametrize(
    ("shares", "complete"), [([share(62), share(39)], False), ([share(40), share(30, 59)], True), ([], True)]
)
def test_shares_that_contradict_each_other_have_no_index(shares: list[Bounds], complete: bool) -> None:  # noqa: FBT001
    assert herfindahl(shares, complete=complete) is None


def test_the_remainder_is_what_the_shares_leave() -> None:
    assert remainder([share(62), share(10, 20)]) == share(18, 28)
    assert remainder([share(62), share(10, 100)]) == share(0, 28)
    assert remainder([share(62), share(39)]) is None


@pytest.mark.parametrize("complete", [True, False])
def test_a_share_of_at_least_so_much_is_all_at_most(complete: bool) -> None:  # noqa: FBT001
    open_, capped = ([share(62), Bounds(Decimal(20), high)] for high in (None, Decimal(100)))
    assert remainder(open_) == remainder(capped) == share(0, 18)
    assert herfindahl(open_, complete=complete) == herfindahl(capped, complete=complete) is not None
