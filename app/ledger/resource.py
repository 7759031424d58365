"""A resource: its public schema and the tables that hold its current state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from app.ledger.claims import disputed
from app.ledger.schemas import DERIVED, Record, Recorded
from app.ledger.shape import FieldShape, referring, shape_of
from app.shared.json import dumps

Schema = type[Record]
Shown = type[Recorded]


_BY_TYPE: dict[str, "Resource"] = {}


@dataclass(frozen=True, eq=False)
class Resource:
    """One of the seven: ``type`` is its name in URLs, ``parts`` the table of each field that is a list.

    ``singular`` names one record in prose ("a company"). ``referring``: the fields of its shape that refer to others.
    """

    type: str
    singular: str
    schema: Schema
    shown: Shown
    table: Table
    parts: Mapping[str, Table]
    shape: tuple[FieldShape, ...] = field(init=False)
    referring: tuple[FieldShape, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", shape_of(self.schema))
        object.__setattr__(self, "referring", referring(self.shape))
        _BY_TYPE[self.type] = self

    @property
    def shown_fields(self) -> tuple[str, ...]:
        """The fields of a record as the API shows it, in its order."""
        first, last = ("slug", "version", "recorded_at"), ("citations", "preferred", "disputed")
        stated = (shape.name for shape in self.shape)
        return (*first, *(name for name in stated if name not in {*first, *last}), *last)

    def document(self, record: Record, version: int, recorded_at: str) -> str:
        """The record as the API shows it, in JSON."""
        return dumps(self.shown_of(record, version, recorded_at))

    def shown_of(self, record: Record, version: int, recorded_at: str) -> dict[str, Any]:
        """The record as the API shows it."""
        stated = record.model_dump()
        first = {"slug": stated.pop("slug"), "version": version, "recorded_at": recorded_at}
        last = {"citations": stated.pop("citations"), "preferred": stated.pop("preferred")}
        return first | stated | last | {"disputed": disputed(record)}


def resource_of(kind: str) -> Resource:
    """The resource of a record that the store holds: each enters itself here, since the ledger cannot import any."""
    return _BY_TYPE[kind]


def stated(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a shown document states, without what the store added; one of before there were pins has none."""
    return {key: value for key, value in document.items() if key not in DERIVED} | {
        "preferred": document.get("preferred", {})
    }
