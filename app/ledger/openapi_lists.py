"""The query parameters of lists, for OpenAPI: filters, each with a sentence on its operator, and paging."""

import re
from datetime import datetime
from typing import Any, Final

from app.ledger.examples import SLUGS
from app.ledger.filters import Filter, filters_of
from app.ledger.filters.operators import is_code
from app.ledger.listing import DEFAULT_LIMIT, MAX_LIMIT
from app.ledger.openapi import query_parameter
from app.ledger.ordering import sortable
from app.ledger.resource import Resource
from app.ledger.shape import Holds

_PERIODS: Final = {
    "": "within this period",
    "not": "not within this period, nor within another that is given",
    "gt": "certainly after this period",
    "gte": "certainly not before this period begins",
    "lt": "certainly before this period",
    "lte": "certainly not after this period ends",
    "possibly_gt": "may be after this period",
    "possibly_gte": "may be in this period or later",
    "possibly_lt": "may be before this period",
    "possibly_lte": "may be in this period or earlier",
}
_QUANTITIES: Final = {
    "": "the number that was said",
    "not": "another number was said, or none",
    "gt": "certainly more than this",
    "gte": "certainly at least this",
    "lt": "certainly less than this",
    "lte": "certainly at most this",
    "possibly_gt": "may be more than this",
    "possibly_gte": "may be at least this",
    "possibly_lt": "may be less than this",
    "possibly_lte": "may be at most this",
}
_OTHERS: Final = {
    "": "this, or any of those that are given",
    "not": "neither this nor another that is given",
    "gt": "more than this",
    "gte": "at least this",
    "lt": "less than this",
    "lte": "at most this",
    "contains": "has this in it, in either case",
    "startswith": "begins with this",
    "empty": "whether it is left open",
    "says": "all of these words, or longer ones that begin so",
}
_INSTANTS: Final = {"gt": "after this", "gte": "then or later", "lt": "before this", "lte": "then or earlier"}
_EMPTY: Final = "whether there is none"
_NO_MEMBER: Final = "no member is this, nor another that is given"
_WORD: Final = re.compile(r"\w+")
_A_CURSOR: Final = "wbpsZZmRyGxhQ2OdR4m5X1siYjU5NGNiMDNkZTNiIixbIm9wZW5haSJdXQ"


def filter_parameters(resource: Resource) -> list[dict[str, Any]]:
    """The filters of a resource."""
    return [
        query_parameter(name, _describe(one), _schema(resource, one), many=one.repeats)
        for name, one in filters_of(resource).items()
    ]


def paging_parameters(resource: Resource) -> list[dict[str, Any]]:
    """What says in which order and how many at a time."""
    fields = ", ".join(sortable(resource))
    limit = {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_LIMIT,
        "default": DEFAULT_LIMIT,
        "examples": [DEFAULT_LIMIT],
    }
    return [
        query_parameter("limit", "How many records a page has at most.", limit),
        query_parameter(
            "cursor",
            "Where the page starts: taken from the next of the page before, with the same filters and sort.",
            {"type": "string", "examples": [_A_CURSOR]},
        ),
        query_parameter(
            "sort",
            f"The fields to sort by, the most important first, each with a - before it to sort downwards: {fields}. "
            "What has no value comes last.",
            {"type": "string", "default": "slug", "examples": ["-slug"]},
        ),
        query_parameter(
            "count",
            "Whether to count all records that match.",
            {"type": "boolean", "default": False, "examples": [True]},
        ),
    ]


def _describe(one: Filter) -> str:
    about = one.shape.description.rstrip(".") or f"The {one.field}"
    in_list = one.shape.is_list or "." in one.field
    asked = _NO_MEMBER if in_list and one.operator == "not" else _asked(one)
    together = "; with other filters on this list, of the same member" if one.row else ""
    return f"{about}: {asked}{together}."


def _asked(one: Filter) -> str:
    if one.operator == "startswith" and not is_code(one.shape):
        return f"{_OTHERS['startswith']}, in either case"
    if one.operator == "empty":
        return _EMPTY if one.shape.is_list else _OTHERS["empty"]
    if one.shape.python is datetime and one.operator in _INSTANTS:
        return _INSTANTS[one.operator]
    words = {Holds.PARTIAL_DATE: _PERIODS, Holds.QUANTITY: _QUANTITIES}.get(one.shape.holds, _OTHERS)
    return words[one.operator]


def _schema(resource: Resource, one: Filter) -> dict[str, Any]:
    if one.operator == "empty" or one.shape.python is bool:
        return {"type": "boolean", "examples": [True]}
    if one.shape.choices:
        return {"type": "string", "enum": list(one.shape.choices), "examples": [one.shape.choices[0]]}
    kind, example = _example(resource, one)
    form = {"format": "date-time"} if one.shape.python is datetime else {}
    return {"type": kind, **form, "examples": [example]}


def _example(resource: Resource, one: Filter) -> tuple[str, Any]:
    """The type and an example of a value: the field's own in the schemas, and for a part of a text a part of that."""
    by_kind: dict[Holds, Any] = {Holds.REFERENCE: SLUGS.get(one.shape.refers_to, ""), Holds.PARTIAL_DATE: "2025-03"}
    own: Any = SLUGS[resource.type] if one.field == "slug" else by_kind.get(one.shape.holds, one.shape.example)
    if one.shape.holds is Holds.QUANTITY:
        return "number", own["amount"]
    if one.operator == "contains":
        return "string", max(_WORD.findall(own), key=len)
    if one.operator == "startswith":
        return "string", own.partition("-")[0][:12] if is_code(one.shape) else own.partition(" ")[0]
    kinds = {str: "string", datetime: "string", int: "integer"}
    return kinds.get(one.shape.python, "number"), own
