"""What all records have in common, and how a field says which record it refers to."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from app.models.sources import Confidence, Evidence
from app.shared.model import Model
from app.shared.slug import Slug, slugify, unreserved

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]

DERIVED = frozenset({"type", "version", "recorded_at", "disputed"})
"""What a record shows beyond what was stated; ignored on the way in, so that what we gave out can be loaded again."""


class Reference:
    """Marks a field that holds the slug of a record of another resource."""

    def __init__(self, resource: str) -> None:
        self.resource = resource


class Part(Model):
    """A part of a record; an unknown field in it is an error."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


SourceSlug = Annotated[Slug, Reference("sources")]


class Citation(Part):
    """Where a fact was read, and how sure its source is of it."""

    source: SourceSlug = Field(description="The source that was read.", examples=["wired-italy-2025-03-12"])
    locator: Title | None = Field(None, description="Where in the source.", examples=["paragraph 4"])
    claim: Text = Field(
        description="What the source says, in one sentence of our own.",
        examples=["Wired takes the contract from Reuters."],
    )
    excerpt: Text | None = Field(None, description="The source's own words.", examples=["According to Reuters"])
    evidence: Evidence = Field(description="What the claim rests on.", examples=["reported"])
    confidence: Confidence = Field("medium", description="How far we trust the claim.")
    attributed_to: SourceSlug | None = Field(None, description="The source that the source passes on.")
    asserts: dict[str, Any] = Field(
        {}, description="What this source says of fields of the record: field to value, each valid for its field."
    )


class Record(Part):
    """A record as it is stated. A field that its resource does not have is an error."""

    slug: Annotated[Slug, Field(description="The public id; made from the record where it is left out.")] = ""
    citations: list[Citation] = Field([], description="What the record was read from.")
    preferred: dict[str, Slug] = Field(
        {}, description="Whose word counts where sources disagree: field to the source that an editor chose."
    )

    slug_from: ClassVar[tuple[str, ...]] = ("title",)
    names: ClassVar[tuple[str, ...]] = ()
    """The fields that say who somebody is, so that odd letters in them are worth a warning."""
    adds_up_by: ClassVar[str] = ""
    """The field that says what the quantities of a record are of: those of different things have no sum."""

    @model_validator(mode="before")
    @classmethod
    def _ignore_derived(cls, data: Any) -> Any:  # noqa: ANN401 - whatever was sent
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if key not in DERIVED or key in cls.model_fields}

    @model_validator(mode="after")
    def _name(self) -> "Record":
        if not self.slug:
            self.slug = slugify(*(self._words(name) for name in self.slug_from))
        if not self.slug:
            raise ValueError("no slug can be made from this record: give one")
        unreserved(self.slug)
        return self

    def _words(self, name: str) -> str | None:
        value = getattr(self, name)
        return "-".join(value) if isinstance(value, list) else value


class NeedsCitation(Record):
    """A record that is a claim about the world, so that it needs at least one citation."""

    citations: list[Citation] = Field(min_length=1, description="What the record was read from; at least one.")


class Recorded(Model):
    """What the store adds to a record."""

    version: int = Field(description="Counts the versions of this record, from 1.", examples=[1])
    recorded_at: datetime = Field(
        description="When this version was recorded (RFC 3339).", examples=["2025-03-13T09:00:00Z"]
    )
    disputed: list[str] = Field(
        [], description="The fields of which its citations assert different values.", examples=[["value"]]
    )
