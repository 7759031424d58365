"""Numbers of clients and of columns: exact or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared.types import Scaled, decimal

LARGEST = 2**63 - 1


@given(st.integers(-LARGEST, LARGEST), st.sampled_from([0, 3, 6]))
def test_what_fits_64_bits_is_kept_to_the_last_digit(units: int, places: int) -> None:
    number = Decimal(units).scaleb(-places)
    column = Scaled(places)
    assert column.scaled(number) == units
    assert column.holds(number)


@pytest.mark.parametrize("number", ["9223372036854775.808", "-9223372036854775.808", "1e16", "1e999", "-1e30"])
def test_what_does_not_fit_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="out of range"):
        Scaled(3).scaled(Decimal(number))


@pytest.mark.parametrize("number", ["0.0001", "1e-4", "1e-999", "1000000000000.0000000000000000000000000000001"])
def test_what_would_lose_a_digit_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="too many decimals: at most 3"):
        Scaled(3).scaled(Decimal(number))
    assert not Scaled(3).holds(Decimal(number))


@pytest.mark.parametrize("text", ["0", "-0", "5", "-5.25", "1e3", "1E+3", "1.5e-3", "007", "9" * 30])
def test_a_number_is_read_as_json_writes_it(text: str) -> None:
    assert decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "+1", ".5", "5.", "1_000", "1,5", "٣", "NaN", "Infinity", "-inf", "0x1", "1e", "1e9999", "--1"],
)
def test_anything_else_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        decimal(text)
