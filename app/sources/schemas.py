"""Sources."""

from typing import Annotated, ClassVar, Final

from pydantic import Field, StringConstraints

from app.ledger.schemas import Record, Recorded, SourceSlug, Title
from app.models.sources import SourceKind
from app.shared.fields import PartialDateText, WebAddress
from app.shared.forms import LANGUAGE, SHA256

_HASH: Final = "406eda2d12fe66cec6c26bb381f9e224009fd59146167b3a320d2a091585d916"


class Source(Record):
    """Something that was read: an article, a filing, a data set."""

    slug_from: ClassVar[tuple[str, ...]] = ("publisher", "title", "published_on")
    names: ClassVar[tuple[str, ...]] = ("publisher", "author")

    title: Title = Field(description="What it is called.", examples=["CoreWeave files for its IPO"])
    publisher: Title | None = Field(None, description="Who published it.", examples=["Reuters"])
    kind: SourceKind = Field(description="What it is.")
    url: WebAddress | None = Field(
        None, description="Where it can be read.", examples=["https://www.reuters.com/technology"]
    )
    published_on: PartialDateText | None = Field(None, description="When it was published.")
    accessed_on: PartialDateText | None = Field(None, description="When we read it.")
    language: Annotated[str, StringConstraints(pattern=LANGUAGE)] | None = Field(
        None, description="Its language (BCP 47).", examples=["en"]
    )
    author: Title | None = Field(None, description="Who wrote it.", examples=["Sam Altman"])
    sha256: Annotated[str, StringConstraints(pattern=SHA256)] | None = Field(
        None, description="SHA-256 of the text that was read, in hexadecimal.", examples=[_HASH]
    )
    reports_on: list[SourceSlug] = Field([], description="The sources that it passes on.")


class ShownSource(Source, Recorded):
    """A source as the store shows it."""
