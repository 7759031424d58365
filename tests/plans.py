"""How PostgreSQL answers a statement: its plan."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

Plan = dict[str, Any]


async def explained(
    connection: AsyncConnection,
    statement: Select[Any],
    values: Mapping[str, Any] | None = None,
    *,
    analyze: bool = False,
) -> Plan:
    """How it would answer a statement, or, with ``analyze``, how it did."""
    spelt = statement.params(values or {}).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    driver: Any = (await connection.get_raw_connection()).driver_connection
    options = "ANALYZE, FORMAT JSON" if analyze else "FORMAT JSON"
    (plan,) = await driver.fetchval(f"EXPLAIN ({options}) {spelt}")
    top: Plan = plan["Plan"]
    return top


def steps(plan: Plan) -> Iterator[Plan]:
    """A plan and all plans in it."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from steps(part)
