"""What a record cannot say, because it cannot be true. Pure, over the record as the API shows it.

Whether it leads back to itself over other records only the store can tell: `app/ledger/circles.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from app.projection.rules import Document, StatedRecord, on_themselves
from app.shared.errors import Flaw, pointer_to
from app.shared.partial_date import PartialDate

_ONCE: Final[Mapping[str, str]] = {
    "contracts": "parties",
    "investments": "investors",
    "fleets": "users",
    "events": "companies",
}
"""The list of a resource in which a company stands once, or once in each role."""
_DEPENDING: Final[Mapping[str, str]] = {"contracts": "parties", "investments": "investors", "metrics": "counterparty"}
"""Where a record says on whom somebody depends. A fleet may well be of its operator's own make, and for its own use."""
_SHARES: Final = frozenset({"revenue_share", "compute_share"})
_WHOLE: Final = 100

Path = tuple[str | int, ...]


def impossible(record: StatedRecord) -> Iterator[Flaw]:
    """All that a record says and that cannot be true, each with its place in the record and why not."""
    yield from _twice(record)
    yield from _on_itself(record)
    if record.type == "contracts":
        yield from _over_before_it_starts(record.document)
    if record.type == "investments":
        yield from _more_than_all(("stake",), record.document["stake"])
    if record.type == "metrics" and record.document["name"] in _SHARES:
        yield from _no_share(record.document)


def _twice(record: StatedRecord) -> Iterator[Flaw]:
    field, seen = _ONCE.get(record.type, ""), set[str]()
    for place, member in enumerate(record.document[field] if field else ()):
        if (named := _named(member)) in seen:
            yield _flaw((field, place), f"{named} stands there twice")
        seen.add(named)


def _named(member: str | Mapping[str, str]) -> str:
    return repr(member) if isinstance(member, str) else f"{member['company']!r} as {member['role']}"


def _on_itself(record: StatedRecord) -> Iterator[Flaw]:
    field = _DEPENDING.get(record.type, "")
    # Nearly no record names a company twice: what the others imply need not be worked out for this.
    for company in on_themselves(record) if field and _names_one_twice(record.document, field) else ():
        yield _flaw(_place_of(company, field, record.document[field]), f"{company!r} would depend on itself")


def _names_one_twice(document: Document, field: str) -> bool:
    value = document[field]
    others = [document[name] for name in ("investee", "company") if name in document]
    named = _companies(value) if isinstance(value, list) else [value]
    return len({*named, *others}) < len(named) + len(others)


def _place_of(company: str, field: str, value: Any) -> Path:  # noqa: ANN401 - JSON
    """Where a field names a company, the last time that it does."""
    if not isinstance(value, list):
        return (field,)
    named = _companies(value)
    return field, len(named) - 1 - named[::-1].index(company)


def _companies(members: Iterable[Any]) -> list[str]:
    return [one if isinstance(one, str) else one["company"] for one in members]


def _over_before_it_starts(contract: Document) -> Iterator[Flaw]:
    if not contract["starts_on"] or not contract["ends_on"]:
        return
    start, end = PartialDate.parse(contract["starts_on"]), PartialDate.parse(contract["ends_on"])
    # Nobody said how far an approximate date may be off.
    if end.latest < start.earliest and not (start.approximate or end.approximate):
        yield _flaw(("ends_on",), f"it would end ({end.text}) before it starts ({start.text})")


def _no_share(metric: Document) -> Iterator[Flaw]:
    value = metric["value"]
    if value["unit"] == "percent":
        yield from _more_than_all(("value",), value)
    else:
        yield _flaw(("value", "unit"), f"a {metric['name']} is in percent, not in {value['unit']}")


def _more_than_all(path: Path, share: Document | None) -> Iterator[Flaw]:
    """A share that is more than the whole, whatever is meant by how it was said."""
    if share is None or share["qualifier"] in {"up_to", "less_than"}:
        return
    least: Decimal | int = share["low" if share["qualifier"] == "range" else "amount"] or 0
    if least > _WHOLE or (least == _WHOLE and share["qualifier"] == "more_than"):
        yield _flaw(path, f"a share is of the whole: at most {_WHOLE} percent")


def _flaw(path: Path, why: str) -> Flaw:
    return Flaw(why, pointer=pointer_to(path))
