from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.shared.json import dumps, loads
from app.shared.quantity import (
    MAX_AMOUNT,
    CountQuantity,
    MoneyQuantity,
    Quantity,
    ShareQuantity,
    from_thousandths,
    to_thousandths,
)
from app.shared.wording import UNITS

thousandths = st.integers(0, MAX_AMOUNT * 1000)
amounts = thousandths.map(from_thousandths)
units = st.sampled_from([*UNITS, "USD", "EUR", "JPY"])
plain_qualifiers = st.sampled_from(["exact", "approximately", "at_least", "more_than", "up_to"])
stated = st.fixed_dictionaries(
    {"qualifier": plain_qualifiers, "amount": amounts, "unit": units}, optional={"approximate": st.booleans()}
)
ranges = st.tuples(amounts, amounts, units, st.booleans()).map(
    lambda r: {"qualifier": "range", "low": min(r[:2]), "high": max(r[:2]), "unit": r[2], "approximate": r[3]}
)
undisclosed = units.map(lambda unit: {"qualifier": "undisclosed", "unit": unit})


def quantity(qualifier: str = "exact", amount: object = None, unit: str = "gpu", **rest: object) -> Quantity:
    return Quantity.model_validate({"qualifier": qualifier, "amount": amount, "unit": unit, **rest})


def reasons(model: type[Quantity], document: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(document)
    return str(caught.value)


@given(stated | ranges | undisclosed)
def test_a_document_that_was_given_out_loads_to_the_same_document(document: dict[str, Any]) -> None:
    first = Quantity.model_validate(document)
    text = dumps(first.model_dump())
    again = Quantity.model_validate(loads(text))
    assert again == first
    assert dumps(again.model_dump()) == text


@given(thousandths | thousandths.map(lambda n: -n))
@example(250_000_000)
@example(62_000)
def test_thousandths_lose_nothing_and_come_back_in_one_form(number: int) -> None:
    value = from_thousandths(number)
    assert to_thousandths(value) == number
    assert "E" not in str(value)
    assert "." not in str(value) or not str(value).endswith("0")
    assert -(2**63) <= number < 2**63


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_thousandths_refuse_what_is_not_finite(value: str) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        to_thousandths(Decimal(value))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("0.0001", "too many decimals"),
        ("1e-999999", "too many decimals"),
        ("9000000000000000.001", "out of range"),
        ("9000000000000000.00000000000000000000000001", "out of range"),
        ("-9000000000000001", "out of range"),
        ("1e9999999", "out of range"),
    ],
)
def test_thousandths_refuse_what_they_cannot_hold(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        to_thousandths(Decimal(value))


@pytest.mark.parametrize(
    ("qualifier", "low", "high"),
    [
        ("exact", 10, 10),
        ("at_least", 10, None),
        ("more_than", 10, None),
        ("up_to", 0, 10),
        ("less_than", 0, 10),
        ("approximately", None, None),
    ],
)
def test_bounds_are_only_what_is_certain(qualifier: str, low: int | None, high: int | None) -> None:
    said = quantity(qualifier, 10)
    assert (said.low, said.high) == said.bounds
    assert said.low == low
    assert said.high == high
    about = quantity(qualifier, 10, approximate=True)
    assert (about.low, about.high) == about.bounds == (None, None)


def test_an_approximate_range_shows_its_stated_ends_but_is_certain_of_neither() -> None:
    sure, about = (quantity("range", low=1, high=2, approximate=flag) for flag in (False, True))
    assert sure.bounds == (Decimal(1), Decimal(2))
    assert (about.low, about.high) == (Decimal(1), Decimal(2))
    assert about.bounds == (None, None)


def test_derived_fields_are_ignored_on_the_way_in() -> None:
    sent = quantity("at_least", 5, low=1, high=2, text="nonsense")
    assert sent == quantity("at_least", 5)
    assert (sent.low, sent.high, sent.text) == (Decimal(5), None, "at least 5 GPUs")


def test_the_caller_s_document_is_left_as_it_was() -> None:
    document = {"amount": 5, "unit": "gpu", "low": 1, "text": "nonsense"}
    Quantity.model_validate(document)
    assert document == {"amount": 5, "unit": "gpu", "low": 1, "text": "nonsense"}


def test_all_keys_are_given_out_in_order_even_with_exclude_unset() -> None:
    keys = ["qualifier", "amount", "low", "high", "unit", "approximate", "text"]
    for made in (quantity("undisclosed"), MoneyQuantity(amount=Decimal(1), unit="USD")):
        assert list(made.model_dump()) == list(made.model_dump(exclude_unset=True)) == keys


def test_numbers_leave_as_exact_plain_json_numbers() -> None:
    assert '"amount":11900000000,' in dumps(quantity(amount=Decimal("1.19E+10"), unit="USD").model_dump())
    assert '"amount":62,' in dumps(quantity(amount=Decimal("62.000"), unit="percent").model_dump())
    assert '"amount":8999999999999999.999,' in dumps(quantity(amount=Decimal("8999999999999999.999")).model_dump())
    assert '"amount":62.5,' in quantity(amount=Decimal("62.5"), unit="percent").model_dump_json()


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"qualifier": "more_than", "amount": 250000, "unit": "gpu"}, "more than 250,000 GPUs"),
        ({"amount": 11900000000, "unit": "USD"}, "USD 11.9 billion"),
        ({"qualifier": "more_than", "amount": 10**10, "unit": "USD"}, "more than USD 10 billion"),
        ({"qualifier": "approximately", "amount": 32, "unit": "site"}, "about 32 sites"),
        ({"qualifier": "approximately", "amount": 32, "unit": "site", "approximate": True}, "about 32 sites"),
        ({"amount": 32, "unit": "site", "approximate": True}, "about 32 sites"),
        ({"qualifier": "up_to", "amount": 5, "unit": "MW", "approximate": True}, "up to about 5 MW"),
        ({"qualifier": "less_than", "amount": 1, "unit": "person"}, "less than 1 person"),
        ({"amount": Decimal("62.0"), "unit": "percent"}, "62 percent"),
        ({"amount": 1, "unit": "gpu"}, "1 GPU"),
        ({"amount": 0, "unit": "site"}, "0 sites"),
        ({"amount": 1.5, "unit": "year"}, "1.5 years"),
        ({"amount": 999999, "unit": "token"}, "999,999 tokens"),
        ({"amount": 10**6, "unit": "USD"}, "USD 1 million"),
        ({"amount": 1234500000, "unit": "USD"}, "USD 1,234,500,000"),
        ({"amount": 1000000.001, "unit": "USD"}, "USD 1,000,000.001"),
        ({"amount": 9 * 10**15, "unit": "USD"}, "USD 9,000 trillion"),
        ({"qualifier": "range", "low": 10**9, "high": 2 * 10**9, "unit": "USD"}, "between USD 1 and 2 billion"),
        (
            {"qualifier": "range", "low": 5 * 10**8, "high": 2 * 10**9, "unit": "USD"},
            "between USD 500 million and USD 2 billion",
        ),
        ({"qualifier": "range", "low": 1, "high": 2 * 10**6, "unit": "gpu"}, "between 1 and 2,000,000 GPUs"),
        ({"qualifier": "range", "low": 10**6, "high": 2 * 10**6, "unit": "gpu"}, "between 1 and 2 million GPUs"),
        ({"qualifier": "range", "low": 0, "high": 1, "unit": "site"}, "between 0 and 1 site"),
        (
            {"qualifier": "range", "low": 10, "high": 20, "unit": "site", "approximate": True},
            "roughly between 10 and 20 sites",
        ),
        ({"qualifier": "undisclosed", "unit": "USD"}, "undisclosed"),
    ],
)
def test_the_text_reads_as_english_and_says_the_same_number(document: dict[str, Any], text: str) -> None:
    assert Quantity.model_validate(document).text == text


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "exact needs an amount"),
        ({"qualifier": "more_than"}, "more_than needs an amount"),
        ({"qualifier": "undisclosed", "amount": 1}, "undisclosed has no amount"),
        ({"qualifier": "less_than", "amount": 0}, "less than 0 is impossible"),
        ({"qualifier": "range", "low": 1}, "a range needs low and high"),
        ({"qualifier": "range", "low": 2, "high": 1}, "low must not be above high: 2 is above 1"),
        ({"qualifier": "range", "low": 1, "high": 2, "amount": 1}, "leave amount out"),
        ({"qualifier": "range", "low": -1, "high": 2}, "must not be negative"),
        ({"qualifier": "about", "amount": 1}, "qualifier"),
        ({"amount": -1}, "must not be negative"),
        ({"amount": True}, "a number is needed"),
        ({"amount": "5"}, "a number is needed, not text"),
        ({"amount": Decimal("NaN")}, "finite number"),
        ({"amount": float("inf")}, "finite number"),
        ({"amount": Decimal("1e9999999")}, "out of range"),
        ({"amount": Decimal("1.2345")}, "too many decimals"),
        ({"amount": 1, "ammount": 2}, "ammount"),
    ],
)
def test_what_cannot_be_a_quantity_is_refused_with_its_reason(document: dict[str, Any], reason: str) -> None:
    assert reason in reasons(Quantity, {"unit": "gpu", **document})


@pytest.mark.parametrize(
    ("unit", "hint"),
    [
        ("usd", "did you mean USD?"),
        ("GPU", "did you mean gpu?"),
        ("mw", "did you mean MW?"),
        ("percents", "did you mean percent"),
        ("USX", "USD"),
        ("XXX", "cannot be 'XXX'"),
        ("", "ISO 4217 currency code"),
    ],
)
def test_an_unknown_unit_is_refused_with_the_nearest(unit: str, hint: str) -> None:
    assert hint in reasons(Quantity, {"amount": 1, "unit": unit})


@pytest.mark.parametrize(
    ("model", "good", "bad"),
    [
        (MoneyQuantity, ["USD", "EUR"], ["gpu", "percent", "usd"]),
        (CountQuantity, ["gpu", "site", "MW"], ["USD", "percent", "GPU"]),
        (ShareQuantity, ["percent"], ["USD", "gpu", "Percent"]),
    ],
)
def test_a_variant_takes_its_own_units_only(model: type[Quantity], good: list[str], bad: list[str]) -> None:
    for unit in good:
        assert model.model_validate({"amount": 1, "unit": unit}).unit == unit
    for unit in bad:
        assert "unit" in reasons(model, {"amount": 1, "unit": unit})


def test_growth_may_pass_100_percent() -> None:
    assert quantity(amount=250, unit="percent").text == "250 percent"


@pytest.mark.parametrize("model", [Quantity, MoneyQuantity, CountQuantity, ShareQuantity])
def test_the_schema_shows_numbers_and_examples_that_are_valid(model: type[Quantity]) -> None:
    schema = model.model_json_schema()
    assert {"type": "number", "minimum": 0, "maximum": MAX_AMOUNT} in schema["properties"]["amount"]["anyOf"]
    for shown in schema["examples"]:
        assert model.model_validate(shown).amount == shown["amount"]
