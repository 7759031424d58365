"""Who has how many dependents, read from one index."""

from datetime import date

import pytest
from sqlalchemy import Column
from sqlalchemy.sql.visitors import iterate

from app.graph.question import EdgeFilter
from app.graph.store.counts import counted
from app.graph.store.found import form_of
from app.models.edges import edges

DAY = date(2025, 3, 12)


@pytest.mark.parametrize(
    "only",
    [
        EdgeFilter(DAY),
        EdgeFilter(DAY, kinds=("compute",), stages=("signed",), evidence=("reported",), published_by=DAY),
        EdgeFilter(DAY, not_kinds=("compute",), not_stages=("signed",), not_evidence=("reported",)),
    ],
)
def test_whatever_narrows_a_count_of_dependents_stands_in_the_index(only: EdgeFilter) -> None:
    """A column that it lacks would have the whole table read: 4.4 s for 5,000,000 edges, more than a read may take."""
    (index,) = (one for one in edges.indexes if one.name == "ix_edges_depended_on")
    asked = {one.name for one in iterate(counted(form_of(only))) if isinstance(one, Column)}
    assert {"on_id", "dependent_id", "from_revision", "end_latest"} <= asked
    assert asked <= set(index.columns.keys())
