"""Identifiers of companies as a list is asked for them: in either case, and a CIK with zeros before it or without."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, or_

from app.ledger.filters.columns import Values, any_of, fixed
from app.models.companies import company_identifiers
from app.projection.names import CIK_DIGITS


def same(values: Values) -> ColumnElement[bool]:
    """Whether an identifier is one of some values, whichever way it is written."""
    its = company_identifiers.c
    cased = {way for value in values for way in (value, value.upper(), value.lower())}
    padded = {way for value in values for way in _padded(value)}
    ways = [any_of(its.value, sorted(cased))]
    if padded:
        ways.append(and_(its.scheme == fixed(its.scheme, "cik"), any_of(its.value, sorted(padded))))
    return or_(*ways)


def _padded(value: str) -> Iterator[str]:
    """A number with no zeros before it, with one, and so on."""
    if value.isascii() and value.isdigit():
        bare = value.lstrip("0")
        yield from (bare.zfill(digits) for digits in range(len(bare), CIK_DIGITS + 1))
