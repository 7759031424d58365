"""Companies, the other names that they go by, and their identifiers."""

from typing import Literal

from sqlalchemy import Column, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext

from app.models.base import one_of, part_table, reference, resource_table
from app.shared.slug import slugify
from app.shared.types import Words

CompanyKind = Literal[
    "ai_lab",
    "cloud_provider",
    "chip_vendor",
    "software",
    "investor",
    "joint_venture",
    "energy",
    "media",
    "government",
    "other",
]
Scheme = Literal["lei", "cik", "ticker", "isin", "wikidata"]

companies = resource_table(
    "companies",
    Column("name", Words, nullable=False),
    Column("kind", Words, nullable=False),
    reference("parent_id", "companies", optional=True),
    Column("website", Words),
    Column("country", Words),
    Column("description", Words),
    one_of("kind", CompanyKind),
    indexed=("name", "kind", "country", "website"),
    texts=("name", "website"),
    prose=("description",),
)


def _key(context: DefaultExecutionContext) -> str:
    row: dict[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return slugify(row["value"])


# ``key`` is the alias as a slug: a request for it is redirected to the company.
company_aliases = part_table(
    "company_aliases",
    "companies",
    Column("value", Words, nullable=False, index=True),
    Column("key", Words, nullable=False, index=True, default=_key),
    texts=("value",),
)

company_identifiers = part_table(
    "company_identifiers",
    "companies",
    Column("scheme", Words, nullable=False),
    Column("value", Words, nullable=False, index=True),
    UniqueConstraint("scheme", "value"),
    one_of("scheme", Scheme),
    texts=("value",),
)
