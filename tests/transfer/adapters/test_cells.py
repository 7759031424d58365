"""Cells: no more precision than they have, and nothing read into them."""

from decimal import Decimal
from typing import Any

import pytest

from app.shared.partial_date import PartialDate
from app.transfer.adapters.cells import (
    coordinates,
    country,
    day,
    day_first,
    is_rounded,
    number,
    parts,
    quantity,
    said_on,
    slug_of,
)


@pytest.mark.parametrize(
    ("cell", "note", "said"),
    [
        ("7/22/2025", "7/22/2025", "2025-07-22"),
        ("7/22/2025", "", "2025-07-22"),
        ("4/15/2024", "2024-04", "2024-04"),
        ("7/1/2022", "2022", "2022"),
        ("11/15/2024", "Q4 2024", "2024-Q4"),
        ("11/15/2024", "Q1 2024", "2024-11-15"),
        ("6/1/2018", "August 2019", "2018-06-01"),
        ("2021-07", "", "2021-07"),
        ("", "Planned 2030", "2030"),
        ("", "Planned H2 2026", "2026"),
        ("", "Planned Q2 2025", "2025-Q2"),
        ("", "Planned 2029-02", "2029-02"),
        ("", "Planned for end of 2023", "2023"),
        ("", "Planned", None),
        ("", "completion unclear", None),
        ("", "", None),
    ],
)
def test_a_date_has_the_precision_of_its_note(cell: str, note: str, said: str | None) -> None:
    assert said_on(cell, note) == said
    assert said is None or PartialDate.parse(said)


@pytest.mark.parametrize("cell", ["22/7/2025", "2/30/2025", "soon", "13/13/2025"])
def test_what_is_no_date_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        said_on(cell, "")


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["1/2/2025", "22/7/2025"], True),
        (["1/2/2025", "7/22/2025"], False),
        (["22/7/2025", "7/22/2025"], False),
        ([], False),
    ],
)
def test_a_column_shows_whether_its_dates_begin_with_the_day(cells: list[str], *, first: bool) -> None:
    assert day_first(cells) is first
    assert day("3/4/2025", day_first=first) == ("2025-04-03" if first else "2025-03-04")


def test_numbers_are_not_guessed() -> None:
    assert [number(cell) for cell in ("", "1024", "1,024", "9.90E+3")] == [None, 1024, 1024, 9900]
    for cell in ("-1", "NaN", "about 5", "1E+99", "Infinity"):
        with pytest.raises(ValueError, match="is not a number"):
            number(cell)


@pytest.mark.parametrize(
    ("value", "exact", "qualifier"),
    [("12.34567", False, "approximately"), ("12", True, "exact"), ("0", False, "exact")],
)
def test_an_estimate_is_called_one(value: str, *, exact: bool, qualifier: str) -> None:
    assert quantity(Decimal(value), "MW", exact=exact) == {
        "qualifier": qualifier,
        "amount": round(Decimal(value), 3),
        "unit": "MW",
    }
    assert quantity(None, "MW", exact=exact) is None


def test_what_is_said_to_more_decimals_than_are_kept_is_never_rounded_past_what_was_said() -> None:
    assert quantity(Decimal("1.4999"), "MW", exact=True) == {
        "qualifier": "range",
        "low": Decimal("1.499"),
        "high": Decimal("1.500"),
        "unit": "MW",
    }
    assert [is_rounded(value) for value in (None, Decimal("1.4990"), Decimal("1.4999"))] == [False, False, True]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("China", "CN"),
        ("United States of America", "US"),
        ("Korea (Republic of)", "KR"),
        ("Philippines (the)", "PH"),
        ("Hong Kong", "HK"),
        ("Atlantis", None),
        ("Europe", None),
        ("", None),
    ],
)
def test_countries_are_known_by_their_names(name: str, code: str | None) -> None:
    assert country(name) == code


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ("35°03'36\"N  90°09'00\"W", ("35.06", "-90.15")),
        ("41°11'6.6732\"N ,114°42'1.6272\"E\nSomewhere", ("41.185187", "114.700452")),
        ("Somewhere 35.693709, -95.386957", ("35.693709", "-95.386957")),
        ("1600 Some Rd, 12.5, 3", None),
        ("35°03'36\"N", None),
        ("", None),
    ],
)
def test_coordinates_are_read_in_both_notations(cell: str, place: tuple[str, str] | None) -> None:
    found: Any = coordinates(cell)
    assert found == (place and tuple(map(Decimal, place)))


def test_names_in_a_cell_are_listed_once() -> None:
    assert parts(" A, B,A,, C ") == ["A", "B", "C"]


def test_a_slug_keeps_what_tells_its_records_apart() -> None:
    assert slug_of("epoch A & B") == "epoch-a-b"
    long = slug_of("epoch " + "very " * 40, "2025-07-22")
    assert len(long) <= 120
    assert long.endswith("-ver-2025-07-22")
