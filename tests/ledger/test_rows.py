"""Rows: what the typed columns of a record hold is what its document says, whatever the record."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.resource import Resource
from app.ledger.rows import mentions
from app.ledger.shape import FieldShape, Holds
from app.models.ledger import OPEN, records, versions
from app.shared.database import Database
from app.shared.json import loads_own
from app.shared.partial_date import PartialDate
from app.shared.quantity import Quantity
from app.transfer.resources import BY_TYPE, IN_ORDER
from tests.factories import company, contract, put, source
from tests.ledger.drawn import COMPANIES, SOURCES, drawn

Columns = dict[str, Any]


@pytest.mark.parametrize("resource", IN_ORDER, ids=lambda resource: resource.type)
async def test_columns_hold_what_the_document_says(store: Database, resource: Resource) -> None:
    batch = drawn(resource.type)
    await put(store, sources=[source(slug=slug) for slug in SOURCES], companies=[company(slug) for slug in COMPANIES])
    await put(store, **{resource.type: batch})
    async with store.reading() as connection:
        slugs = dict((await connection.execute(select(records.c.id, records.c.slug))).all())
        for record in batch:
            document = await document_of(connection, resource, record["slug"])
            kept = await kept_columns(connection, resource, record["slug"], slugs)
            assert kept == dict(said(resource.shape, document))


async def document_of(connection: AsyncConnection, resource: Resource, slug: str) -> dict[str, Any]:
    """What the newest version of a record shows."""
    query = select(versions.c.document).join(records, records.c.id == versions.c.record_id)
    query = query.where(records.c.type == resource.type, records.c.slug == slug, versions.c.to_revision == OPEN)
    document = loads_own((await connection.execute(query)).scalar_one())
    assert isinstance(document, dict)
    return document


async def kept_columns(
    connection: AsyncConnection, resource: Resource, slug: str, slugs: dict[int, str]
) -> dict[str, Any]:
    """The row of a record, and under the name of each list the rows inside it, with slugs for ids."""
    row = (await connection.execute(select(resource.table).where(resource.table.c.slug == slug))).mappings().one()
    kept: Columns = _named(dict(row), resource.table, slugs)
    for name, part in resource.parts.items():
        query = select(part).where(part.c.owner_id == row["id"]).order_by(part.c.position)
        found = (await connection.execute(query)).mappings().all()
        assert [one["position"] for one in found] == list(range(len(found)))
        kept[name] = [_named(dict(one), part, slugs) for one in found]
    return kept


def _named(row: Columns, table: Table, slugs: dict[int, str]) -> Columns:
    """A row without its own keys and what it lacks, and with the slug of the record that each foreign key refers to."""
    own = {"owner_id", "position", "key", "lacks", *(column.name for column in table.primary_key)}
    foreign = {column.name for column in table.columns if column.foreign_keys}
    return {name: slugs.get(value) if name in foreign else value for name, value in row.items() if name not in own}


def said(shape: tuple[FieldShape, ...], document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The columns that a document asks for."""
    for one in shape:
        value = document[one.name]
        if not one.is_list:
            yield from _column(one, one.name, value)
        elif one.holds is Holds.OBJECT:
            yield one.name, [dict(said(one.parts, item)) for item in value]
        else:
            # A list of references names the record, any other list its value.
            name = {"companies": "company", "sources": "source"}.get(one.refers_to, "value")
            yield one.name, [dict(_column(one, name, item)) for item in value]


def _column(shape: FieldShape, name: str, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON
    match shape.holds:
        case Holds.REFERENCE:
            yield f"{name}_id", value
        case Holds.PARTIAL_DATE:
            day = PartialDate.parse(value) if value else None
            yield name, value
            yield f"{name}_earliest", day.earliest if day else None
            yield f"{name}_latest", day.latest if day else None
        case Holds.QUANTITY:
            bounds = Quantity.model_validate(value).bounds if value else (None, None)
            yield from zip((f"{name}_low", f"{name}_high"), bounds, strict=True)
            for part in ("qualifier", "amount", "unit", "approximate"):
                yield f"{name}_{part}", value and value[part]
        case Holds.SCALAR:
            yield name, Decimal(value) if shape.python is Decimal and value is not None else value


def test_a_mention_points_at_the_field_that_makes_it() -> None:
    stated = contract(amends="earlier", citations=[{**contract()["citations"][0], "attributed_to": "wire"}])
    found = mentions(BY_TYPE["contracts"], BY_TYPE["contracts"].schema.model_validate(stated))
    assert {mention.pointer: mention.target for mention in found} == {
        "/parties/0/company": ("companies", "openai"),
        "/parties/1/company": ("companies", "coreweave"),
        "/amends": ("contracts", "earlier"),
        "/citations/0/source": ("sources", "the-article"),
        "/citations/0/attributed_to": ("sources", "wire"),
    }
