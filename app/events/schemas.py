"""Events."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from app.companies.schemas import CompanySlug
from app.ledger.schemas import NeedsCitation, Part, Recorded, Text, Title
from app.models.events import EventKind
from app.shared.fields import PartialDateText
from app.shared.forms import ROLE


class Participant(Part):
    """A company and what it is to an event."""

    company: CompanySlug = Field(description="The company.", examples=["microsoft"])
    role: Annotated[str, StringConstraints(pattern=ROLE, max_length=40)] = Field(
        description="What it is to the event, in snake case.", examples=["employer"]
    )


class Event(NeedsCitation):
    """Something that happened, or was said."""

    slug_from: ClassVar[tuple[str, ...]] = ("title", "date")

    kind: EventKind = Field(description="What kind of event it is.")
    date: PartialDateText | None = Field(None, description="When it was.")
    companies: list[Participant] = Field([], description="The companies that it touches, in which role.")
    title: Title = Field(description="What it is called.", examples=["Microsoft hires Mustafa Suleyman"])
    summary: Text | None = Field(None, description="What happened.", examples=["Microsoft gave him its AI division."])


class ShownEvent(Event, Recorded):
    """An event as the store shows it."""
