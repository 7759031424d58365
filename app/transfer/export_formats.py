"""The formats of an export: each turns chunks of records into pieces of a file."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, Final, Literal

from app.ledger.resource import Resource
from app.ledger.tabular import columns_of, flat
from app.shared.aside import aside
from app.shared.csv_cells import written
from app.shared.database import Database
from app.shared.json import dumps, loads_own
from app.transfer.export import Chunk, Export, Shown, chunks, line_of, these
from app.transfer.ftm import entities_of
from app.transfer.parquet import parquet

Format = Literal["ndjson", "csv", "parquet", "ftm"]
OF_ONE: Final = frozenset({"csv", "parquet"})
"""Formats whose rows have the columns of one resource."""
MEDIA_TYPES: Final[dict[Format, str]] = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "ftm": "application/json+ftm",
}
SUFFIXES: Final[dict[Format, str]] = {"ndjson": "ndjson", "csv": "csv", "parquet": "parquet", "ftm": "ftm.json"}
_ADDED: Final = frozenset({"version", "recorded_at", "disputed"})


def written_as(kind: Format, database: Database, export: Export) -> AsyncIterator[bytes]:
    """An export in a format, piece by piece."""
    found = chunks(database, export)
    match kind:
        case "ndjson":
            return _ndjson(found)
        case "csv":
            return _csv(export.resources[0], found)
        case "parquet":
            return parquet(export.resources[0], found)
        case "ftm":
            return _ftm(database, export.revision, found)


async def _ndjson(found: AsyncIterator[Chunk]) -> AsyncIterator[bytes]:
    async for resource, some in found:
        yield "".join([line_of(resource, one) for one in some]).encode()


async def _csv(resource: Resource, found: AsyncIterator[Chunk]) -> AsyncIterator[bytes]:
    columns = [column for column in columns_of(resource) if column not in _ADDED]
    yield written([columns]).encode()

    def rows(some: Sequence[Shown]) -> bytes:
        return written(flat(columns, loads_own(one.document)) for one in some).encode()

    async for _, some in found:
        yield await aside(rows, some)


async def _ftm(database: Database, revision: int, found: AsyncIterator[Chunk]) -> AsyncIterator[bytes]:
    async for resource, some in found:
        records = await aside(_documents, some)
        public: Collection[str] = ()
        if resource.type == "investments":
            investees = sorted({record["investee"] for record in records})
            its = await these(database, "companies", investees, revision)
            public = {one.slug for one in its if loads_own(one.document)["kind"] == "government"}
        yield await aside(_entities, resource.type, records, public)


def _documents(some: Sequence[Shown]) -> list[dict[str, Any]]:
    return [loads_own(one.document) for one in some]


def _entities(kind: str, records: Sequence[dict[str, Any]], public: Collection[str]) -> bytes:
    entities = (entity for record in records for entity in entities_of(kind, record, public))
    return "".join(f"{dumps(entity)}\n" for entity in entities).encode()
