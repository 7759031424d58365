"""Sources, and citations of them."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints

from app.ledger.schemas import Part, Record, Recorded, Reference, Text, Title
from app.models.sources import Confidence, Evidence, SourceKind
from app.shared.fields import PartialDateText, WebAddress
from app.shared.slug import Slug

SourceSlug = Annotated[Slug, Reference("sources")]


class Citation(Part):
    """Where a fact was read, and how sure its source is of it."""

    source: SourceSlug = Field(description="The source that was read.", examples=["wired-italy-2025-03-12"])
    locator: Title | None = Field(None, description="Where in the source.", examples=["paragraph 4"])
    claim: Text = Field(description="What the source says, in one sentence of our own.")
    excerpt: Text | None = Field(None, description="The source's own words.")
    evidence: Evidence = Field(description="What the claim rests on.", examples=["reported"])
    confidence: Confidence = Field("medium", description="How far we trust the claim.")
    attributed_to: SourceSlug | None = Field(None, description="The source that the source passes on.")
    asserts: dict[str, Any] = Field({}, description="What this source says of fields of the record: field to value.")


class Cited(Record):
    """A record that may have citations."""

    citations: list[Citation] = Field([], description="What the record was read from.")


class NeedsCitation(Cited):
    """A record that is a claim about the world, so that it needs at least one citation."""

    citations: list[Citation] = Field(min_length=1, description="What the record was read from; at least one.")


class Source(Cited):
    """Something that was read: an article, a filing, a data set."""

    slug_from: ClassVar[tuple[str, ...]] = ("publisher", "title", "published_on")

    title: Title = Field(description="What it is called.")
    publisher: Title | None = Field(None, description="Who published it.", examples=["Reuters"])
    kind: SourceKind = Field(description="What it is.")
    url: WebAddress | None = Field(None, description="Where it can be read.")
    published_on: PartialDateText | None = Field(None, description="When it was published.")
    accessed_on: PartialDateText | None = Field(None, description="When we read it.")
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = Field(
        None, description="Its language (BCP 47).", examples=["en"]
    )
    author: Title | None = Field(None, description="Who wrote it.")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, description="SHA-256 of the text that was read, in hexadecimal."
    )
    reports_on: list[SourceSlug] = Field([], description="The sources that it passes on.")


class ShownSource(Source, Recorded):
    """A source as the store shows it."""
