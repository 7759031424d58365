"""The data sets that adapters read, as sources to be cited: who publishes them, and under which licence."""

from dataclasses import dataclass
from typing import Any, Final

from app.transfer.adapters.tables import Table

CC_BY_4: Final = (
    "The data are licensed under Creative Commons Attribution 4.0 International (CC BY 4.0): credit Epoch AI."
)


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set that somebody else publishes. ``licence`` is one sentence."""

    slug: str
    title: str
    publisher: str
    url: str
    licence: str

    def source(self, table: Table, read: "Read") -> dict[str, Any]:
        """The data set as a source, which says of itself under which licence it may be used."""
        own = {"source": self.slug, "locator": "licence", "claim": self.licence, "evidence": "reported"}
        return {
            "slug": self.slug,
            "title": self.title,
            "publisher": self.publisher,
            "kind": "dataset",
            "url": self.url,
            "language": "en",
            "sha256": table.sha256,
            "published_on": read.published_on,
            "accessed_on": read.accessed_on,
            "citations": [own | {"confidence": "high"}],
        }


@dataclass(frozen=True, slots=True)
class Read:
    """What the one who loads a file knows of it: when it was published, and when it was fetched (partial dates)."""

    published_on: str | None = None
    accessed_on: str | None = None
