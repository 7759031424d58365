"""Comparing quantities by their bounds, with what is certain and with what is possible.

``low`` is the least that a quantity certainly is, ``high`` the most; null is open. More than 10 is never 10, and less
than 10 is not either: their bounds are not part of them. What may be is what the opposite does not certainly rule out.
A quantity that is not stated is in neither reading; one that is undisclosed may be anything.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import ColumnElement, or_

from app.ledger.filters.columns import Field, Values, any_of, fixed

# Told by the qualifier rather than by null, which a field that is not stated has as well: so an index finds them.
_NO_LOW: Final = ("approximately", "undisclosed")
_NO_HIGH: Final = ("at_least", "more_than", "approximately", "undisclosed")

Compare = Callable[[Field, Values], ColumnElement[bool]]


def _above(field: Field, values: Values) -> ColumnElement[bool]:
    low, value = field["_low"], fixed(field["_low"], values[0])
    return (low >= value) & ((low > value) | _is(field, "more_than"))


def _from(field: Field, values: Values) -> ColumnElement[bool]:
    return field["_low"] >= fixed(field["_low"], values[0])


def _below(field: Field, values: Values) -> ColumnElement[bool]:
    high, value = field["_high"], fixed(field["_high"], values[0])
    return (high <= value) & ((high < value) | _is(field, "less_than"))


def _up_to(field: Field, values: Values) -> ColumnElement[bool]:
    return field["_high"] <= fixed(field["_high"], values[0])


def _maybe_above(field: Field, values: Values) -> ColumnElement[bool]:
    return or_(field["_high"] > fixed(field["_high"], values[0]), *_open(field, _NO_HIGH))


def _maybe_from(field: Field, values: Values) -> ColumnElement[bool]:
    high, value = field["_high"], fixed(field["_high"], values[0])
    reaches = (high >= value) & ((high > value) | ~_is(field, "less_than"))
    return or_(reaches, *_open(field, _NO_HIGH))


def _maybe_below(field: Field, values: Values) -> ColumnElement[bool]:
    return or_(field["_low"] < fixed(field["_low"], values[0]), *_open(field, _NO_LOW))


def _maybe_up_to(field: Field, values: Values) -> ColumnElement[bool]:
    low, value = field["_low"], fixed(field["_low"], values[0])
    reaches = (low <= value) & ((low < value) | ~_is(field, "more_than"))
    return or_(reaches, *_open(field, _NO_LOW))


def _is(field: Field, qualifier: str) -> ColumnElement[bool]:
    return field["_qualifier"] == fixed(field["_qualifier"], qualifier)


def _open(field: Field, qualifiers: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """What has no bound on one side; what is approximate has none at all."""
    return [any_of(field["_qualifier"], qualifiers), field["_approximate"].is_(True)]


CERTAINLY: Final[Mapping[str, Compare]] = {"gt": _above, "gte": _from, "lt": _below, "lte": _up_to}
POSSIBLY: Final[Mapping[str, Compare]] = {
    "gt": _maybe_above,
    "gte": _maybe_from,
    "lt": _maybe_below,
    "lte": _maybe_up_to,
}
