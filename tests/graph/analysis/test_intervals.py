from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.analysis.intervals import (
    ZERO,
    Bounds,
    Refused,
    add,
    add_exactly,
    bounds_of,
    interval,
    product,
    ratio,
    round_outward,
    share,
)
from app.graph.analysis.model import Amount
from tests.graph.analysis.stated import about, amount, bounds, exactly

numbers = st.decimals(min_value=0, max_value=9_000_000_000_000_000, places=3)


@st.composite
def known_within(draw: st.DrawFn) -> tuple[Decimal, Bounds]:
    """A true value and bounds that hold it, the high side sometimes open."""
    low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
    return value, Bounds(low, draw(st.sampled_from([high, None])))


def contains(outer: Bounds, value: Decimal) -> bool:
    return outer.low <= value and (outer.high is None or value <= outer.high)


@given(st.lists(known_within()))
def test_a_sum_holds_the_sum_of_the_true_values(parts: list[tuple[Decimal, Bounds]]) -> None:
    outer = add(known for _, known in parts)
    assert contains(outer, add_exactly(value for value, _ in parts))
    assert (outer.high is None) == any(known.high is None for _, known in parts)


@given(known_within(), known_within())
def test_a_product_holds_the_product_of_the_true_values_to_the_last_digit(
    part: tuple[Decimal, Bounds], whole: tuple[Decimal, Bounds]
) -> None:
    found = product(interval(part[1], "percent"), interval(whole[1], "USD"))
    assert not isinstance(found, Refused)
    with localcontext(prec=100):
        assert contains(bounds_of(found), part[0] * whole[0] / 100)


@given(known_within(), known_within())
def test_a_ratio_holds_the_true_ratio(part: tuple[Decimal, Bounds], whole: tuple[Decimal, Bounds]) -> None:
    found = ratio(interval(part[1], "USD"), interval(whole[1], "USD"))
    if isinstance(found, Refused):
        assert whole[1].high == ZERO
    elif whole[0]:
        with localcontext(prec=100):
            assert contains(bounds_of(found), 100 * part[0] / whole[0])


@given(known_within(), known_within())
def test_a_share_of_a_whole_holds_the_true_share_and_stays_within_0_and_100(
    part: tuple[Decimal, Bounds], rest: tuple[Decimal, Bounds]
) -> None:
    found = share(part[1], rest[1])
    assert found.high is not None
    assert 0 <= found.low <= found.high <= 100
    if part[0] + rest[0]:
        with localcontext(prec=100):
            assert contains(found, 100 * part[0] / (part[0] + rest[0]))


def test_sixty_two_percent_of_1_9_billion_is_exactly_1_178_billion() -> None:
    found = product(exactly(62, "percent"), exactly(1_900_000_000))
    assert found == amount(1_178_000_000, 1_178_000_000, "USD", "USD 1.178 billion")


def test_a_product_of_the_largest_numbers_there_are_is_not_rounded() -> None:
    found = product(exactly("8999999999999999.999", "percent"), exactly("8999999999999999.999"))
    assert not isinstance(found, Refused)
    assert found.low == Decimal("809999999999999999820000000000.00000001")


def test_a_quotient_that_does_not_end_is_rounded_outward_and_one_that_ends_is_exact() -> None:
    assert ratio(exactly(1), exactly(3)) == amount("33.333", "33.334", "percent", "between 33.333 and 33.334 percent")
    assert ratio(exactly(1), exactly(8)) == amount("12.5", "12.5", "percent", "12.5 percent")


def test_a_part_beside_which_there_is_nothing_is_all_of_it_however_large() -> None:
    assert share(Bounds(ZERO, Decimal(7)), Bounds(ZERO, ZERO)) == Bounds(Decimal(100), Decimal(100))


def test_a_part_of_something_that_may_be_nothing_has_an_open_ratio() -> None:
    found = ratio(exactly(1), amount(0, 4))
    assert not isinstance(found, Refused)
    assert bounds(found) == (25, None)


@pytest.mark.parametrize(
    "refused",
    [
        product(exactly(2, "EUR"), exactly(3, "USD")),
        ratio(exactly(2, "EUR"), exactly(3, "USD")),
        ratio(exactly(2), exactly(0)),
    ],
)
def test_mixed_units_and_a_whole_of_0_are_refused_with_a_reason(refused: object) -> None:
    assert isinstance(refused, Refused)
    assert refused.reason


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (Bounds(Decimal("1.50"), Decimal("1.5")), "1.5 MW"),
        (Bounds(Decimal("1E+3"), None), "at least 1,000 MW"),
        (Bounds(ZERO, Decimal(7)), "up to 7 MW"),
        (Bounds(ZERO, None), "unknown"),
    ],
)
def test_a_computed_amount_says_its_bounds(known: Bounds, text: str) -> None:
    assert interval(known, "MW").text == text


def test_about_a_number_is_certain_of_nothing() -> None:
    assert bounds_of(about(10)) == Bounds(ZERO, None)


def test_nothing_of_an_open_whole_and_any_part_of_nothing_are_nothing() -> None:
    for part, whole in ((exactly(0, "percent"), amount(5, None)), (amount(5, None, "percent"), exactly(0))):
        found = product(part, whole)
        assert isinstance(found, Amount)
        assert bounds(found) == (0, 0)


def test_a_product_is_exact_whatever_precision_the_caller_works_in() -> None:
    with localcontext(prec=3):
        found = product(exactly("33.333", "percent"), exactly("9000000000000000"))
    assert isinstance(found, Amount)
    assert bounds(found) == (Decimal(2999970000000000), Decimal(2999970000000000))


def test_a_refusal_says_why() -> None:
    assert ratio(exactly(1), exactly(0)) == Refused("nothing can be a share of 0")
    said = "MW times USD has no meaning: a share in percent is needed"
    assert product(exactly(1, "MW"), exactly(1)) == Refused(said)


def test_what_is_open_above_stays_so_when_it_is_rounded() -> None:
    assert round_outward(Bounds(Decimal("1.0004"), None)) == Bounds(Decimal("1.000"), None)
    assert round_outward(Bounds(ZERO, Decimal("1.0004"))) == Bounds(ZERO, Decimal("1.001"))
