import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.shared.fields import PartialDateText
from app.shared.partial_date import PartialDate, day

any_text = st.dates(date(1000, 1, 1)).flatmap(
    lambda d: st.sampled_from(
        [f"{d.year:04}", f"{d.year:04}-Q{(d.month + 2) // 3}", d.isoformat()[:7], d.isoformat(), d.isoformat() + "~"]
    )
)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025-Q1", date(2025, 1, 1), date(2025, 3, 31)),
        ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("2025-Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-02", date(2025, 2, 1), date(2025, 2, 28)),
        ("2025-03-10", date(2025, 3, 10), date(2025, 3, 10)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_each_precision_spans_its_own_days(text: str, earliest: date, latest: date) -> None:
    assert PartialDate.parse(text) == PartialDate(text, earliest, latest, approximate=False)


def test_approximate_keeps_the_text_and_does_not_widen_the_bounds() -> None:
    said, sure = PartialDate.parse("2025-Q3~"), PartialDate.parse("2025-Q3")
    assert (said.text, said.approximate) == ("2025-Q3~", True)
    assert (said.earliest, said.latest) == (sure.earliest, sure.latest)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0999", "years run from 1000"),
        ("0000-01-01", "years run from 1000"),
        ("2025-13", "months run from 01 to 12"),
        ("2025-00", "months run from 01 to 12"),
        ("2025-02-30", "February 2025: it has 28 days"),
        ("2025-03-00", "March 2025: it has 31 days"),
        ("2025-Q5", "quarters run from Q1 to Q4"),
        ("2025-Q0", "quarters run from Q1 to Q4"),
        *[
            (text, "write 2025, 2025-Q3, 2025-03 or 2025-03-10")
            for text in ("", " 2025", "2025 ", "2025\n", "2025-3", "2025-q3", "25", "~", "2025~~", "10.03.2025")
        ],
        ("２０２５", "write 2025"),  # noqa: RUF001  digits that int() would take
        ("2025-03-10T00:00:00Z", "write 2025"),
        ("\ud800", "write 2025"),
    ],
)
def test_what_is_no_date_is_refused_with_what_would_be_right(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        PartialDate.parse(text)


@given(any_text)
def test_bounds_are_in_order_and_contain_exactly_what_the_text_names(text: str) -> None:
    value = PartialDate.parse(text)
    assert value.text == text
    assert value.earliest <= value.latest
    prefix = text[:4] if "Q" in text else text.removesuffix("~")
    assert value.earliest.isoformat().startswith(prefix)
    assert value.latest.isoformat().startswith(prefix)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2025-03-10", 60, "2030-03"),
        ("2025-01-31", 1, "2025-02"),
        ("2025-11", 2, "2026-01"),
        ("2025-12", 12, "2026-12"),
        ("2025-03", 0, "2025-03"),
        ("2025-Q1", 3, "2025-Q2"),
        ("2025-Q4", 18, "2027-Q2"),
        ("2025", 24, "2027"),
        ("2025~", 24, "2027~"),
        ("2025-03-10~", 60, "2030-03~"),
        ("2025-03", -3, "2024-12"),
    ],
)
def test_a_term_ends_in_the_month_quarter_or_year_that_its_start_allows(start: str, months: int, end: str) -> None:
    assert PartialDate.parse(start).plus_months(months) == PartialDate.parse(end)


@pytest.mark.parametrize(
    ("start", "months", "text", "earliest", "latest"),
    [
        ("2025", 18, "[2026-07..2027-06]", date(2026, 7, 1), date(2027, 6, 30)),
        ("2025", 1, "[2025-02..2026-01]", date(2025, 2, 1), date(2026, 1, 31)),
        ("2025-Q1", 1, "[2025-02..2025-04]", date(2025, 2, 1), date(2025, 4, 30)),
        ("2025-Q4", 1, "[2025-11..2026-01]", date(2025, 11, 1), date(2026, 1, 31)),
        ("2023-Q4", 2, "[2023-12..2024-02]", date(2023, 12, 1), date(2024, 2, 29)),
        ("2025~", 18, "[2026-07~..2027-06~]", date(2026, 7, 1), date(2027, 6, 30)),
    ],
)
def test_a_term_that_ends_in_no_one_of_them_says_between_which_months(
    start: str, months: int, text: str, earliest: date, latest: date
) -> None:
    end = PartialDate.parse(start).plus_months(months)
    assert end == PartialDate(text, earliest, latest, approximate=start.endswith("~"))


@given(any_text, st.integers(0, 600))
def test_an_end_is_bounded_by_the_months_that_it_may_fall_in(text: str, months: int) -> None:
    start = PartialDate.parse(text)
    if start.latest.year + months // 12 + 1 > 9999:
        return
    end = start.plus_months(months)
    assert end.approximate == start.approximate
    assert end.text.startswith("[") or end == PartialDate.parse(end.text)
    for begun, first_or_last in ((start.earliest, end.earliest), (start.latest, end.latest)):
        index = begun.year * 12 + begun.month - 1 + months
        assert (first_or_last.year, first_or_last.month) == (index // 12, index % 12 + 1)
    assert end.earliest.day == 1
    assert end.latest == date.max or (end.latest + timedelta(days=1)).day == 1


@pytest.mark.parametrize(("start", "months"), [("9999-12", 1), ("9999", 6), ("1000-01", -1), ("2025", 10**12)])
def test_a_term_that_leaves_the_calendar_is_refused(start: str, months: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        PartialDate.parse(start).plus_months(months)


def test_a_day_is_read_only_from_a_full_day() -> None:
    assert day("2025-03-10") == date(2025, 3, 10)
    for coarse in ("2025", "2025-03", "2025-03-10~"):
        with pytest.raises(ValueError, match="write it in full, such as 2025-"):
            day(coarse)


def test_the_pydantic_type_validates_and_describes_itself() -> None:
    adapter: TypeAdapter[str] = TypeAdapter(PartialDateText)
    assert adapter.validate_python("2025-Q3~") == "2025-Q3~"
    with pytest.raises(ValidationError, match="quarters run from Q1 to Q4"):
        adapter.validate_python("2025-Q5")
    schema = adapter.json_schema()
    assert schema["type"] == "string"
    assert schema["description"]


@given(any_text)
def test_the_schema_pattern_takes_every_valid_date(text: str) -> None:
    pattern = TypeAdapter(PartialDateText).json_schema()["pattern"]
    assert re.search(pattern, text)


@pytest.mark.parametrize("text", ["0999", "2025-13", "2025-Q5", "2025-03-32", "2025-Q3-10", " 2025", "2025-3"])
def test_the_schema_pattern_refuses_what_it_can(text: str) -> None:
    assert not re.search(TypeAdapter(PartialDateText).json_schema()["pattern"], text)
