"""What stands in cells: dates with the precision that they have, quantities, countries, places on the map."""

import re
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from babel import Locale

from app.shared.partial_date import PartialDate
from app.shared.quantity import MAX_AMOUNT
from app.shared.slug import MAX_SLUG, slugify
from app.shared.wording import DECIMAL_PLACES

_SLASHED: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_MONTHS: Final = 12
_COARSE: Final = (
    (re.compile(r"\b([0-9]{4}-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?)\b"), r"\1"),
    (re.compile(r"\bQ([1-4]) ([0-9]{4})\b"), r"\2-Q\1"),
    (re.compile(r"(?<![/0-9])([0-9]{4})\b"), r"\1"),
)
_COUNTRIES: Final = {
    "United States of America": "US",
    "Korea (Republic of)": "KR",
    "United Kingdom of Great Britain and Northern Ireland": "GB",
    "Hong Kong": "HK",
}
"""Names of ISO 3166 that the CLDR does not have."""
_SEXAGESIMAL: Final = re.compile(r"([0-9]{1,3})°([0-9]{1,2})'([0-9]{1,2}(?:\.[0-9]+)?)\"?\s*([NSEW])")
_DECIMAL: Final = re.compile(r"(-?[0-9]{1,2}\.[0-9]{3,}),\s*(-?[0-9]{1,3}\.[0-9]{3,})")
_DEGREES: Final = Decimal("0.000001")
_FINEST: Final = Decimal(1).scaleb(-DECIMAL_PLACES)


def day_first(cells: Iterable[str]) -> bool:
    """Whether the dates of a column, as ``22/7/2025``, begin with the day: one shows it, and none the contrary."""
    parts = [(int(match[1]), int(match[2])) for cell in cells if (match := _SLASHED.fullmatch(cell))]
    return any(first > _MONTHS for first, _ in parts) and all(second <= _MONTHS for _, second in parts)


def day(cell: str, *, day_first: bool = False) -> str:
    """A date such as ``7/22/2025`` as ``2025-07-22``. Raises ValueError for what is none."""
    match = _SLASHED.fullmatch(cell)
    if match is None:
        raise ValueError(f"{cell[:40]!r} is not a date such as 7/22/2025")
    month, number = (match[2], match[1]) if day_first else (match[1], match[2])
    return PartialDate.parse(f"{match[3]}-{int(month):02}-{int(number):02}").text


def coarse(cell: str) -> str | None:
    """The year, quarter or month that words such as ``Planned Q2 2025`` or ``2024-04`` name; None where they do not.

    Half a year has no notation here (ISO 8601-2 level 0): it is said as its year.
    """
    for pattern, form in _COARSE:
        if match := pattern.search(cell):
            return PartialDate.parse(match.expand(form)).text
    return None


def said_on(cell: str, note: str, *, day_first: bool = False) -> str | None:
    """A date with no more precision than its note has: ``7/1/2022`` beside the note ``2022`` is the year alone."""
    noted = coarse(note)
    if not cell:
        return noted
    exact = day(cell, day_first=day_first) if _SLASHED.fullmatch(cell) else coarse(cell)
    if exact is None:
        raise ValueError(f"{cell[:40]!r} is not a date")
    if noted and _contains(noted, exact):
        return noted
    return exact


def _contains(coarser: str, finer: str) -> bool:
    outer, inner = PartialDate.parse(coarser), PartialDate.parse(finer)
    return outer.earliest <= inner.earliest and inner.latest <= outer.latest


def number(cell: str) -> Decimal | None:
    """A number that is not negative; None for an empty cell. Raises ValueError for anything else."""
    if not cell:
        return None
    try:
        value = Decimal(cell.replace(",", ""))
    except InvalidOperation:
        raise ValueError(f"{cell[:40]!r} is not a number") from None
    if not value.is_finite() or not 0 <= value <= MAX_AMOUNT:
        raise ValueError(f"{cell[:40]} is not a number that can be kept")
    return value


def quantity(value: Decimal | None, unit: str, *, exact: bool) -> dict[str, Any] | None:
    """A number with its unit, as a plain statement or as an estimate; None where there is none.

    Nothing at all is never approximate. The store keeps three decimals: an estimate is rounded to them, a plain
    statement of more is the range between the two numbers next to it.
    """
    if value is None:
        return None
    if value and not exact:
        return {"qualifier": "approximately", "amount": round(value, DECIMAL_PLACES), "unit": unit}
    low, high = (value.quantize(_FINEST, rounding) for rounding in (ROUND_FLOOR, ROUND_CEILING))
    if low == high:
        return {"qualifier": "exact", "amount": low, "unit": unit}
    return {"qualifier": "range", "low": low, "high": high, "unit": unit}


def is_rounded(value: Decimal | None) -> bool:
    """Whether a number has more decimals than the store keeps."""
    return value is not None and value != round(value, DECIMAL_PLACES)


def country(cell: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country by its English name; None where there is none of that name."""
    name = cell.removesuffix(" (the)")
    return _COUNTRIES.get(name) or _territories().get(name.casefold())


@cache
def _territories() -> dict[str, str]:
    names = Locale("en").territories
    return {name.casefold(): code for code, name in names.items() if len(code) == 2 and code.isalpha()}  # noqa: PLR2004


def coordinates(cell: str) -> tuple[Decimal, Decimal] | None:
    """Degrees north and east (WGS 84) that stand in a text, as ``35°03'35"N 90°09'23"W`` or as two decimals."""
    parts = {match[4]: match for match in _SEXAGESIMAL.finditer(cell)}
    north, east = parts.get("N") or parts.get("S"), parts.get("E") or parts.get("W")
    if north and east:
        found = _degrees(north), _degrees(east)
    elif match := _DECIMAL.search(cell):
        found = Decimal(match[1]), Decimal(match[2])
    else:
        return None
    return found[0].quantize(_DEGREES), found[1].quantize(_DEGREES)


def _degrees(match: re.Match[str]) -> Decimal:
    size = Decimal(match[1]) + Decimal(match[2]) / 60 + Decimal(match[3]) / 3600
    return -size if match[4] in "SW" else size


def parts(cell: str) -> list[str]:
    """The names in a cell that lists them with commas, each once."""
    return list(dict.fromkeys(name for part in cell.split(",") if (name := part.strip())))


def slug_of(name: str, *tail: str) -> str:
    """A slug from a name and what tells its records apart, which stays whole where the name is too long."""
    end = slugify(*tail)
    return f"{slugify(name)[: MAX_SLUG - len(end) - 1].strip('-')}-{end}" if end else slugify(name)
