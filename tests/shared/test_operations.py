"""Whether the service is alive, and whether it can answer."""

from httpx import AsyncClient
from sqlalchemy import text

from app.shared.database import Database
from app.shared.schema import newest


async def test_health_says_ok_without_the_store(client: AsyncClient, store: Database) -> None:
    async with store.writing() as connection:
        await connection.execute(text("DROP TABLE alembic_version"))
    assert (await client.get("/health")).json() == {"status": "ok"}


async def test_a_store_of_our_schema_is_ready(client: AsyncClient, store: Database) -> None:
    database = store.writer.dialect.name
    found = {"status": "ok", "database": database, "migration": newest(), "replica": None}
    assert (await client.get("/ready")).json() == found


async def test_a_store_of_another_schema_is_not_ready(client: AsyncClient, store: Database) -> None:
    for change in ("UPDATE alembic_version SET version_num = '0000'", "DROP TABLE alembic_version"):
        async with store.writing() as connection:
            await connection.execute(text(change))
        reply = await client.get("/ready")
        assert reply.status_code == 503
        assert reply.headers["Retry-After"] == "2"
        assert "dealgraph migrate" in reply.json()["detail"]
