"""Numbers with their units in words: "USD 11.9 billion", "32 sites", "62 percent"."""

from decimal import Context, Decimal
from typing import Final

from babel.numbers import list_currencies

DECIMAL_PLACES: Final = 3
UNITS: Final = {
    "gpu": ("GPU", "GPUs"),
    "accelerator": ("accelerator", "accelerators"),
    "chip": ("chip", "chips"),
    "h100_equivalent": ("H100 equivalent", "H100 equivalents"),
    "site": ("site", "sites"),
    "MW": ("MW", "MW"),
    "GW": ("GW", "GW"),
    "percent": ("percent", "percent"),
    "person": ("person", "people"),
    "token": ("token", "tokens"),
    "month": ("month", "months"),
    "year": ("year", "years"),
}
"""Units that are not money and that a record may state, with their words for one and for many."""
_DERIVED_UNITS: Final = {"company": ("company", "companies"), "need": ("need", "needs"), "hhi": ("points", "points")}
# XTS is for tests and XXX for "no currency": neither is money.
CURRENCIES: Final = frozenset(list_currencies()) - {"XTS", "XXX"}
"""ISO 4217 codes, past ones too, as the CLDR lists them."""
EXACT: Final = Context(prec=100)
"""In which nothing is rounded, whatever the caller works in."""
_SCALES: Final = tuple(
    (Decimal(10) ** power, power, f" {word}") for power, word in ((12, "trillion"), (9, "billion"), (6, "million"))
)
_FINEST: Final = Decimal(1).scaleb(-DECIMAL_PLACES)


def with_unit(amount: Decimal, unit: str) -> str:
    """Write an amount with its unit; a large one with million, billion or trillion where that loses nothing."""
    number = "".join(_scaled(amount))
    return f"{unit} {number}" if unit in CURRENCIES else f"{number} {_word(unit, amount)}"


def between(low: Decimal, high: Decimal, unit: str) -> str:
    """Write a range, with the unit and the scale once where both ends share them."""
    (start, scale), (end, high_scale) = _scaled(low), _scaled(high)
    if unit in CURRENCIES:
        same = f"{unit} {start} and {end}{scale}"
        return f"between {same if scale == high_scale else f'{with_unit(low, unit)} and {with_unit(high, unit)}'}"
    # "between 1 and 2 million" would be read as 1 million.
    both = f"{start} and {end}{scale}" if scale == high_scale else f"{low:,f} and {high:,f}"
    return f"between {both} {_word(unit, high)}"


def bounded(low: Decimal, high: Decimal | None, unit: str) -> str:
    """Write what is certain of an amount of at least 0: ``high`` is None where that side is open."""
    if low == high:
        return with_unit(low, unit)
    if high is None:
        return f"at least {with_unit(low, unit)}" if low else "unknown"
    return between(low, high, unit) if low else f"up to {with_unit(high, unit)}"


def _word(unit: str, amount: Decimal) -> str:
    one, many = UNITS.get(unit) or _DERIVED_UNITS.get(unit) or (unit, unit)
    return one if amount == 1 else many


def _scaled(amount: Decimal) -> tuple[str, str]:
    """Split into digits and scale word, where at most 3 decimals say the same number; else all digits and no word."""
    exponent, word = next(((power, word) for least, power, word in _SCALES if amount >= least), (0, ""))
    scaled = amount.scaleb(-exponent, EXACT)
    if scaled != scaled.quantize(_FINEST, context=EXACT):
        return f"{amount:,f}", ""
    return f"{scaled.normalize(EXACT):,f}", word
