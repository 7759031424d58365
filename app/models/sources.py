"""Sources, and the citations that tie each record to what it was read from."""

from typing import Literal

from sqlalchemy import Column, ForeignKey, Index, Table

from app.models.base import (
    index_stated,
    index_texts,
    metadata,
    one_of,
    part_table,
    partial_date,
    reference,
    resource_table,
)
from app.shared.types import Identity, Words

SourceKind = Literal["news", "filing", "press_release", "dataset", "other"]
Evidence = Literal["confirmed", "reported", "estimated", "rumoured", "derived"]
Confidence = Literal["high", "medium", "low"]

sources = resource_table(
    "sources",
    Column("title", Words, nullable=False),
    Column("publisher", Words),
    Column("kind", Words, nullable=False),
    Column("url", Words),
    partial_date("published_on"),
    partial_date("accessed_on"),
    Column("language", Words),
    Column("author", Words),
    Column("sha256", Words),
    one_of("kind", SourceKind),
    indexed=(
        "title",
        "publisher",
        "kind",
        "url",
        "language",
        "published_on_earliest",
        "accessed_on_earliest",
        "author",
        "sha256",
    ),
    texts=("title", "publisher", "url", "author"),
)

source_reports_on = part_table("source_reports_on", "sources", reference("source_id", "sources"))

# Any record may be cited, so the owner is the registry, not one resource's table.
citations = Table(
    "citations",
    metadata,
    Column("owner_id", Identity, ForeignKey("records.id"), primary_key=True),
    Column("position", Identity, primary_key=True, autoincrement=False),
    reference("source_id", "sources"),
    Column("locator", Words),
    Column("claim", Words, nullable=False),
    Column("excerpt", Words),
    Column("evidence", Words, nullable=False),
    Column("confidence", Words, nullable=False),
    reference("attributed_to_id", "sources", optional=True),
    one_of("evidence", Evidence),
    one_of("confidence", Confidence),
)
Index("ix_citations_evidence", citations.c.evidence, citations.c.owner_id)
Index("ix_citations_confidence", citations.c.confidence, citations.c.owner_id)
index_texts(citations, ("locator", "claim", "excerpt"))
for _optional in ("locator", "excerpt"):
    index_stated(citations, _optional, citations.c.owner_id)
