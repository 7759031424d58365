"""Companies: identifiers carry check digits where their scheme has them."""

import pytest
from pydantic import ValidationError

from app.companies.schemas import Company
from tests.factories import company


@pytest.mark.parametrize(
    ("scheme", "value"),
    [("lei", "549300S4KLFTLO7GSQ80"), ("isin", "US67066G1040"), ("ticker", "NVDA"), ("cik", "1045810")],
)
def test_a_valid_identifier_is_taken(scheme: str, value: str) -> None:
    read = Company.model_validate(company(identifiers=[{"scheme": scheme, "value": value}]))
    assert read.identifiers[0].value == value


@pytest.mark.parametrize(
    ("scheme", "value"), [("lei", "549300S4KLFTLO7GSQ81"), ("isin", "US67066G1041"), ("lei", "x"), ("isin", "NVDA")]
)
def test_a_slip_in_the_check_digits_is_refused(scheme: str, value: str) -> None:
    with pytest.raises(ValidationError, match="check digits do not fit"):
        Company.model_validate(company(identifiers=[{"scheme": scheme, "value": value}]))


@pytest.mark.parametrize("country", ["us", "USA", "U", "ÄÖ", "US "])
def test_a_country_is_a_code_of_two_letters(country: str) -> None:
    with pytest.raises(ValidationError, match="country"):
        Company.model_validate(company(country=country))
