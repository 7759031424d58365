"""An edge as the store keeps it: the columns that questions filter by, and a document with what an answer shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.projection.rules import DerivedEdge, StatedRecord, strongest_evidence
from app.shared.json import dumps
from app.shared.partial_date import PartialDate

EdgeRow = dict[str, Any]
COMPARED = (
    "stage",
    "evidence",
    "evidenced_from",
    "evidenced_to",
    "start_earliest",
    "start_latest",
    "end_earliest",
    "end_latest",
    "flow",
    "summary",
    "document",
)
"""What makes two rows of one edge say the same."""


def edge_key(row: Mapping[str, Any]) -> tuple[int, int, int, str]:
    """What makes a row an edge of its own: its record, its two companies, its kind."""
    return row["record_id"], row["dependent_id"], row["on_id"], row["kind"]


def same(kept: Mapping[str, Any], derived: Mapping[str, Any]) -> bool:
    """Whether two rows of one edge say the same."""
    return all(kept[column] == derived[column] for column in COMPARED)


def edge_rows(
    record_id: int, record: StatedRecord, edges: Sequence[DerivedEdge], companies: Mapping[str, int]
) -> list[EdgeRow]:
    """The rows of the edges that a record implies; ``companies`` gives the id of each slug."""
    published = sorted(record.published.values(), key=lambda day: (day.latest, day.text))
    span = (published[0], published[-1]) if published else (None, None)
    evidence = strongest_evidence(record.document)
    return [
        {
            "record_id": record_id,
            "record_type": record.type,
            "record_slug": record.slug,
            "dependent_id": companies[edge.dependent],
            "on_id": companies[edge.on],
            "kind": edge.kind,
            "stage": record.document.get("stage"),
            "evidence": evidence,
            "evidenced_from": span[0] and span[0].latest,
            "evidenced_to": span[1] and span[1].latest,
            "start_earliest": edge.lifetime.start_earliest,
            "start_latest": edge.lifetime.start_latest,
            "end_earliest": edge.lifetime.end_earliest,
            "end_latest": edge.lifetime.end_latest,
            "flow": edge.flow,
            "summary": edge.summary,
            "document": _document(record, edge, span),
        }
        for edge in edges
    ]


def _document(record: StatedRecord, edge: DerivedEdge, span: tuple[PartialDate | None, PartialDate | None]) -> str:
    """What an answer shows of an edge, in JSON; its companies, kind and summary are put in front when it is read."""
    return dumps(
        {
            "amount": edge.amount,
            "share": edge.share,
            "since": _text(edge.lifetime.since),
            "until": _text(edge.lifetime.until),
            "stage": record.document.get("stage"),
            "evidenced_from": _text(span[0]),
            "evidenced_to": _text(span[1]),
            "flow": edge.flow,
            "nature": edge.nature,
            "part_of": edge.part_of and _link("contracts", edge.part_of),
            "derived": dict(edge.derived),
            "record": _link(record.type, record.slug),
            "citations": record.document["citations"],
        }
    )


def _link(resource: str, slug: str) -> dict[str, str]:
    return {"type": resource, "slug": slug, "url": f"/v1/{resource}/{slug}"}


def _text(day: PartialDate | None) -> str | None:
    return day.text if day else None
