"""What is rare: read off the samples that PostgreSQL keeps of each column for its plans.

Its plans read them too, but they take what is in no sample to be in 1 of 200 records, and what they look for inside a
text to be found by all of its trigrams.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Column, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.filters.patterns import Sought, as_regex, pieces

# Of values that are often there their share is known; the others stand for equal shares of the rest. An array is read
# from its text once: for each value anew it took 36 ms, and that for each pattern.
_RAREST: Final = text("""
WITH sample AS MATERIALIZED (
    SELECT most_common_vals::text::text[] AS frequent, most_common_freqs AS shares,
        histogram_bounds::text::text[] AS others
    FROM pg_stats WHERE schemaname = current_schema() AND tablename = :of AND attname = :its
), known AS MATERIALIZED (
    SELECT unnest(frequent) AS value, unnest(shares) AS share FROM sample
    UNION ALL
    SELECT unnest(others), 1.0 / cardinality(others) FROM sample
)
SELECT place FROM unnest(CAST(:patterns AS text[])) WITH ORDINALITY AS pieces (pattern, place)
ORDER BY (SELECT sum(share) FROM known WHERE value ~ pattern) NULLS FIRST, length(pattern) DESC LIMIT 1
""")


async def sought(connection: AsyncConnection, column: Column[Any], given: str) -> str | Sought:
    """A text to look for inside others, with its rarest piece where it has several and that makes a difference."""
    found = pieces(given)
    if connection.dialect.name != "postgresql" or len(found) < 2:  # noqa: PLR2004 - there is nothing to choose
        return given
    asked = {"of": column.table.name, "its": column.name, "patterns": [as_regex(piece) for piece in found]}
    place = (await connection.execute(_RAREST, asked)).scalar_one()
    return Sought(given, found[place - 1])


_COMMON: Final = text("""
SELECT element, EXISTS (
    SELECT FROM unnest(most_common_elems::text::text[]) AS common
    WHERE common = element OR :beginning AND starts_with(common, element)
) FROM pg_stats, unnest(CAST(:elements AS text[])) AS element
WHERE schemaname = current_schema() AND tablename = :of AND attname = :its
""")


async def is_rare(
    connection: AsyncConnection, column: Column[Any], either: Sequence[Sequence[str]], *, beginning: bool = False
) -> bool:
    """Whether each of some sets has an element that few of a column's arrays hold, or none that begins so."""
    if connection.dialect.name != "postgresql" or not either:
        return False
    elements = sorted({element for one in either for element in one})
    asked = {"of": column.table.name, "its": column.name, "elements": elements, "beginning": beginning}
    is_common: dict[str, bool] = dict((await connection.execute(_COMMON, asked)).all())
    # A table that was never looked at has no sample.
    return bool(is_common) and all(not all(is_common[element] for element in one) for one in either)
