"""How the analysis' values stand in an answer."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from app.graph.analysis.model import Amount, RecordRef
from app.graph.analysis.tally import Item, LeftOut


def amount(value: Amount | None) -> dict[str, Any] | None:
    """An interval: its bounds, its unit, and how it is said."""
    return None if value is None else asdict(value)


def record(ref: RecordRef) -> dict[str, str]:
    """A record and where it is."""
    return {"type": ref.type, "slug": ref.slug, "url": f"/v1/{ref.type}/{ref.slug}"}


def records(refs: Iterable[RecordRef]) -> list[dict[str, str]]:
    """Records and where they are, each once."""
    return [record(ref) for ref in dict.fromkeys(refs)]


def left_out(ones: Iterable[LeftOut]) -> list[dict[str, Any]]:
    """What a figure leaves out, and why."""
    return [
        {
            "company": one.company,
            "record": record(one.record),
            "stage": one.stage or None,
            "amount": amount(one.amount),
            "reason": one.reason,
        }
        for one in ones
    ]


def item(one: Item) -> dict[str, Any]:
    """What a record states of a company."""
    return {
        "company": one.company,
        "record": record(one.record),
        "amount": amount(one.amount),
        "stage": one.stage or None,
    }
