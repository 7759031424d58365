"""Who has how many dependents, read from one index."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, text

from app.graph.question import EdgeFilter
from app.graph.store.counts import dependents_of_all
from app.shared.database import Database

DAY = date(2025, 3, 12)
FILTERS = [
    EdgeFilter(DAY),
    EdgeFilter(DAY, kinds=("compute",), stages=("signed",), evidence=("reported",), published_by=DAY),
    EdgeFilter(DAY, not_kinds=("compute",), not_stages=("signed",), not_evidence=("reported",)),
]


@pytest.mark.parametrize("only", FILTERS)
async def test_dependents_are_counted_without_a_look_at_the_table(store: Database, only: EdgeFilter) -> None:
    """A filter by a column that the index lacks would read the whole table: 4.4 s for 5,000,000 edges."""
    postgresql = store.reader.dialect.name == "postgresql"
    explain = "EXPLAIN " if postgresql else "EXPLAIN QUERY PLAN "
    async with store.reading() as connection:
        if postgresql:
            # The table is empty: reading all of it would be as good.
            await connection.execute(text("SET enable_seqscan = off"))
            await connection.execute(text("SET enable_bitmapscan = off"))

        told: list[tuple[str, Any]] = []
        event.listen(store.reader.sync_engine, "before_cursor_execute", lambda *said: told.append(said[2:4]))
        await dependents_of_all(connection, only, 10)
        statement, values = told[0]
        plan = [str(row[-1]) for row in await connection.exec_driver_sql(explain + statement, values)]
    found = [line for line in plan if re.search("(Scan|SCAN|SEARCH).* edges", line)]
    using = "Index Only Scan using" if postgresql else "USING COVERING INDEX"
    assert len(found) == 1, plan
    assert f"{using} ix_edges_depended_on" in found[0], plan
