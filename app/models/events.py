"""Events: what happened or was said, with the companies that it touches."""

from typing import Literal

from sqlalchemy import Column

from app.models.base import one_of, part_table, partial_date, reference, resource_table
from app.shared.types import Words

EventKind = Literal["announcement", "hire", "statement", "product", "listing", "ownership", "other"]

events = resource_table(
    "events",
    Column("kind", Words, nullable=False),
    partial_date("date"),
    Column("title", Words, nullable=False),
    Column("summary", Words),
    one_of("kind", EventKind),
    indexed=("kind", "date_earliest", "title"),
    texts=("title",),
    prose=("summary",),
)

event_companies = part_table(
    "event_companies",
    "events",
    reference("company_id", "companies"),
    Column("role", Words, nullable=False, index=True),
)
