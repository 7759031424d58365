"""Moves records in and out over HTTP, as the tests of imports and exports do."""

from typing import Any

from httpx import AsyncClient, Response
from sqlalchemy import select

from app.ledger import check
from app.models.ledger import store as row
from app.shared.database import Database
from app.shared.json import dumps
from app.transfer.resources import IN_ORDER
from tests.factories import company, put, source
from tests.ledger.drawn import COMPANIES, SOURCES, drawn

NDJSON = "application/x-ndjson"


async def send(
    writer: AsyncClient, content: bytes | str, query: str = "", kind: str = NDJSON, **headers: str
) -> Response:
    """Import a content."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await writer.post(f"/v1/imports{query}", content=content, headers={"Content-Type": kind, **named})


async def done(writer: AsyncClient, content: bytes | str, query: str = "", kind: str = NDJSON) -> dict[str, Any]:
    """The report of an import that must succeed."""
    reply = await send(writer, content, query, kind)
    assert reply.status_code == 200, reply.text
    report: dict[str, Any] = reply.json()
    return report


async def wrong(
    writer: AsyncClient, content: bytes | str, query: str = "", kind: str = NDJSON
) -> list[tuple[int, str, str, str | None]]:
    """Line, pointer, detail and suggestion of all that is told of an import which must be refused."""
    reply = await send(writer, content, query, kind)
    assert reply.status_code == 422, reply.text
    told = reply.json()["errors"]
    return [(one["line"], one.get("pointer", ""), one["detail"], one.get("suggestion")) for one in told]


def lines(**statements: list[dict[str, Any]]) -> str:
    """Records by resource as NDJSON."""
    return "".join(f"{dumps({'type': kind, **one})}\n" for kind, records in statements.items() for one in records)


async def exported(client: AsyncClient, query: str = "") -> bytes:
    """What an export that must succeed gives."""
    reply = await client.get(f"/v1/export{query}")
    assert reply.status_code == 200, reply.text
    return reply.content


async def digest(store: Database) -> str:
    """The digest of all that a store holds, which must hold together."""
    async with store.snapshot() as connection:
        report = await check.check(connection, IN_ORDER)
    assert report.findings == []
    return report.digest


async def revision(store: Database) -> int:
    """The newest revision of a store."""
    found: int = await store.scalar(select(row.c.revision), {})
    return found


async def put_drawn(store: Database, examples: int) -> None:
    """Put random records of every resource, some of which refer to each other."""
    world = {"sources": [source(slug=slug) for slug in SOURCES], "companies": [company(slug) for slug in COMPANIES]}
    await put(store, **world)
    await put(store, **{resource.type: drawn(resource.type, examples) for resource in IN_ORDER})
