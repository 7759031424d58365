"""The dependency edges: a projection of the records, with the range of days and of revisions in which each holds."""

from typing import Literal

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Table, Text

from app.models.base import Stage, metadata, one_of
from app.models.ledger import OPEN
from app.shared.types import Identity, Words

EdgeKind = Literal[
    "compute",
    "hardware",
    "technology",
    "energy",
    "colocation",
    "other",
    "revenue",
    "partnership",
    "capital",
    "ownership",
]
Flow = Literal["along", "against"]

# An edge starts between start_earliest and start_latest and ends between end_earliest and end_latest; an open side
# is the first or the last day there is, so that a question about a day is four plain comparisons.
edges = Table(
    "edges",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("dependent_id", Identity, ForeignKey("records.id"), nullable=False),
    Column("on_id", Identity, ForeignKey("records.id"), nullable=False),
    Column("kind", Words, nullable=False),
    Column("record_id", Identity, ForeignKey("records.id"), nullable=False),
    # Which record that is, as an answer shows it: a search spares a join that would cost as much as the rest of it.
    Column("record_type", Words, nullable=False),
    Column("record_slug", Words, nullable=False),
    Column("start_earliest", Date, nullable=False),
    Column("start_latest", Date, nullable=False),
    Column("end_earliest", Date, nullable=False),
    Column("end_latest", Date, nullable=False),
    Column("from_revision", BigInteger, ForeignKey("revisions.revision"), nullable=False),
    Column("to_revision", BigInteger, nullable=False),
    Column("stage", Words),
    Column("evidence", Words),
    Column("evidenced_from", Date),
    Column("evidenced_to", Date),
    Column("flow", Words),
    Column("summary", Words, nullable=False),
    Column("document", Text, nullable=False),
    one_of("kind", EdgeKind),
    one_of("stage", Stage),
    one_of("flow", Flow),
    CheckConstraint("dependent_id <> on_id", name="no_self_dependency"),
    CheckConstraint("start_earliest <= start_latest", name="start_bounds"),
    CheckConstraint("end_earliest <= end_latest", name="end_bounds"),
    CheckConstraint("from_revision < to_revision", name="recorded_range"),
)
Index("ix_edges_dependent_id", edges.c.dependent_id, edges.c.on_id)
# It holds all that narrows a question, so that dependents are counted without a look at the table. That is still a look
# at each of its entries, 4,500,000 in a large store, which some processes share (app/graph/store/counts.py).
Index(
    "ix_edges_dependents",
    edges.c.on_id,
    edges.c.dependent_id,
    edges.c.from_revision,
    edges.c.to_revision,
    edges.c.start_earliest,
    edges.c.start_latest,
    edges.c.end_earliest,
    edges.c.end_latest,
    edges.c.kind,
    edges.c.stage,
    edges.c.evidence,
    edges.c.evidenced_from,
)
# Value leaves a company by few of the 100,000 edges that it may have: a search for circular deals reads no others.
_along, _against = edges.c.flow == "along", edges.c.flow == "against"
Index("ix_edges_along", edges.c.dependent_id, edges.c.on_id, postgresql_where=_along, sqlite_where=_along)
Index("ix_edges_against", edges.c.on_id, edges.c.dependent_id, postgresql_where=_against, sqlite_where=_against)
Index("ix_edges_record_id", edges.c.record_id)
Index("ix_edges_from_revision", edges.c.from_revision)
Index(
    "uq_edges_open",
    edges.c.record_id,
    edges.c.dependent_id,
    edges.c.on_id,
    edges.c.kind,
    unique=True,
    postgresql_where=edges.c.to_revision == OPEN,
    sqlite_where=edges.c.to_revision == OPEN,
)
