"""Quantities as they were said: money, counts, power and shares, with the bounds that are certain."""

from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
    WithJsonSchema,
    model_validator,
)

from app.shared.errors import Unreadable, nearest
from app.shared.fields import Flag, number
from app.shared.model import Model
from app.shared.wording import CURRENCIES, DECIMAL_PLACES, UNITS, between, with_unit

Qualifier = Literal["exact", "approximately", "at_least", "more_than", "up_to", "less_than", "range", "undisclosed"]

MAX_AMOUNT: Final = 9_000_000_000_000_000
"""The largest magnitude: in thousandths it still fits a signed 64-bit integer."""
COUNT_UNITS: Final = tuple(unit for unit in UNITS if unit != "percent")
_ALL_UNITS: Final = CURRENCIES.union(UNITS)
_WORDS: Final = {"at_least": "at least ", "more_than": "more than ", "up_to": "up to ", "less_than": "less than "}


def to_thousandths(value: Decimal) -> int:
    """Return the number in thousandths, as the store keeps it; raises ValueError when that would lose any of it."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    # abs() would round to the context's 28 digits, and overflow on a huge exponent.
    if value.copy_abs() > MAX_AMOUNT:
        raise ValueError(f"the number is out of range: at most {MAX_AMOUNT:,}")
    if value != round(value, DECIMAL_PLACES):
        raise ValueError(f"the number has too many decimals: at most {DECIMAL_PLACES}")
    return int(value.scaleb(DECIMAL_PLACES))


def from_thousandths(thousandths: int) -> Decimal:
    """Return the number without an exponent or trailing zeros: ``62`` for 62000, ``0.5`` for 500."""
    whole, rest = divmod(thousandths, 10**DECIMAL_PLACES)
    return Decimal(thousandths).scaleb(-DECIMAL_PLACES).normalize() if rest else Decimal(whole)


def known_unit(unit: str) -> str:
    """Return the unit if it is one of UNITS or an ISO 4217 code; raises ValueError with the nearest that is."""
    return _one_of(unit, _ALL_UNITS, f"{', '.join(UNITS)} or an ISO 4217 currency code")


def currency(unit: str) -> str:
    """Return the unit if it is an ISO 4217 code; raises ValueError with the nearest that is."""
    return _one_of(unit, CURRENCIES, "an ISO 4217 currency code such as USD")


def countable(unit: str) -> str:
    """Return the unit if it is neither money nor a share; raises ValueError with the nearest that is."""
    return _one_of(unit, COUNT_UNITS, ", ".join(COUNT_UNITS))


def _one_of(unit: str, choices: Collection[str], wanted: str) -> str:
    if unit in choices:
        return unit
    meant = [] if unit in _ALL_UNITS else _meant(unit[:40], choices)
    hint = f"; did you mean {' or '.join(meant)}?" if meant else ""
    raise Unreadable(f"the unit cannot be {unit[:40]!r}: write {wanted}{hint}", meant[0] if meant else None)


def _meant(unit: str, choices: Collection[str]) -> list[str]:
    folded = {choice.casefold(): choice for choice in sorted(choices)}
    slip = unit.casefold()
    return [folded[slip]] if slip in folded else [folded[near] for near in nearest(slip, folded)]


def _exact(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("the number must not be negative")
    return from_thousandths(to_thousandths(value))


def _number(value: Decimal, info: SerializationInfo) -> int | float | Decimal:
    if value == value.to_integral_value():
        return int(value)
    return float(value) if info.mode == "json" else value


ExactNumber = Annotated[
    Decimal,
    BeforeValidator(number),
    AfterValidator(_exact),
    PlainSerializer(_number),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_AMOUNT}),
]
"""A number of at most 3 decimal places. ``model_dump()`` keeps it exact, for ``app.shared.json.dumps``; Pydantic's own
JSON mode goes through a float, which is exact to 15 significant digits only."""


class Bounds(NamedTuple):
    """What is certain: ``low <= value <= high``, with None where a side is open."""

    low: Decimal | None
    high: Decimal | None


class Quantity(Model):
    """How much, as it was said.

    On the way in, ``low`` and ``high`` count for a range only, and ``text`` never: they are derived, so that a document
    that was given out loads again unchanged. On the way out all keys are there, null where nothing is known.

    The derived bounds are what is certain: exact a is [a, a]; at_least and more_than a are [a, open]; up_to and
    less_than a are [0, a]; a range is its own; undisclosed is open on both sides. So is anything approximate, since
    "about 10" does not say how far from 10 it may be. An approximate range still shows the ends that were stated, but
    ``bounds`` is open. Whether a itself is excluded stays with the qualifier.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_serialization_defaults_required=True,
        json_schema_extra={"examples": [{"qualifier": "more_than", "amount": 250000, "unit": "gpu"}]},
    )

    qualifier: Qualifier = Field("exact", description="How the number was said.")
    amount: ExactNumber | None = Field(None, description="The number; null for a range and for undisclosed.")
    low: ExactNumber | None = Field(None, description="The lower end: stated for a range, otherwise derived.")
    high: ExactNumber | None = Field(None, description="The upper end: stated for a range, otherwise derived.")
    unit: Annotated[str, AfterValidator(known_unit)] = Field(
        description=f"An ISO 4217 currency code, or one of {', '.join(UNITS)}.", examples=["USD", "gpu", "percent"]
    )
    approximate: Flag = Field(default=False, description="Whether the number was given as approximate.")
    text: str = Field("", description="In words; derived.", json_schema_extra={"readOnly": True})

    @property
    def bounds(self) -> Bounds:
        """What is certain, for filters, sums and shares."""
        if self.approximate:
            return Bounds(None, None)
        match self.qualifier:
            case "exact":
                return Bounds(self.amount, self.amount)
            case "at_least" | "more_than":
                return Bounds(self.amount, None)
            case "up_to" | "less_than":
                return Bounds(Decimal(0), self.amount)
            case "range":
                return Bounds(self.low, self.high)
            case "approximately" | "undisclosed":
                return Bounds(None, None)

    @model_validator(mode="before")
    @classmethod
    def _drop_derived(cls, data: Any) -> Any:  # noqa: ANN401  whatever was sent
        if not isinstance(data, dict):
            return data
        derived = {"text"} if data.get("qualifier") == "range" else {"low", "high", "text"}
        return {key: value for key, value in data.items() if key not in derived}

    @model_validator(mode="after")
    def _derive(self) -> Self:
        if self.qualifier == "range":
            self._check_ends()
        else:
            self._check_amount()
        low, high = (self.low, self.high) if self.qualifier == "range" else self.bounds
        # The model is frozen for everyone else.
        for name, value in {"low": low, "high": high, "text": _text(self)}.items():
            object.__setattr__(self, name, value)
        # A merge patch dumps with exclude_unset: what is inside a quantity stays whole.
        self.model_fields_set.update(type(self).model_fields)
        return self

    def _check_ends(self) -> None:
        if self.amount is not None:
            raise ValueError("a range has low and high, not amount: leave amount out")
        if self.low is None or self.high is None:
            raise ValueError("a range needs low and high")
        if self.low > self.high:
            raise ValueError(f"low must not be above high: {self.low} is above {self.high}")

    def _check_amount(self) -> None:
        if self.qualifier == "undisclosed":
            if self.amount is not None:
                raise ValueError("undisclosed has no amount: leave it out, or choose another qualifier")
        elif self.amount is None:
            raise ValueError(f"{self.qualifier} needs an amount; when nobody has said it, the qualifier is undisclosed")
        elif self.qualifier == "less_than" and self.amount == 0:
            raise ValueError("less than 0 is impossible: amounts are never negative")


class MoneyQuantity(Quantity):
    """A quantity of money, as `Quantity`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"qualifier": "exact", "amount": 11900000000, "unit": "USD"}]}
    )
    unit: Annotated[str, AfterValidator(currency)] = Field(
        description="An ISO 4217 currency code.", examples=["USD", "EUR"], json_schema_extra={"pattern": "^[A-Z]{3}$"}
    )


class CountQuantity(Quantity):
    """A number of things, or of units of power or time, as `Quantity`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"qualifier": "more_than", "amount": 250000, "unit": "gpu"}]}
    )
    unit: Annotated[str, AfterValidator(countable)] = Field(
        description="What is counted.",
        examples=["gpu", "site", "MW"],
        json_schema_extra={"enum": list(COUNT_UNITS)},
    )


class ShareQuantity(Quantity):
    """A share of a whole, as `Quantity`: at most 100 percent."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"qualifier": "exact", "amount": 62, "unit": "percent"}]})
    unit: Literal["percent"] = Field(description="Always percent.")


def _text(quantity: Quantity) -> str:
    if quantity.qualifier == "undisclosed":
        return "undisclosed"
    if quantity.low is not None and quantity.high is not None and quantity.qualifier == "range":
        return ("roughly " if quantity.approximate else "") + between(quantity.low, quantity.high, quantity.unit)
    about = "about " if quantity.approximate or quantity.qualifier == "approximately" else ""
    return _WORDS.get(quantity.qualifier, "") + about + with_unit(quantity.amount or Decimal(0), quantity.unit)
