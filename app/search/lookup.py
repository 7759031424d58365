"""Looks names up: many ranges of the index over names, in one statement, each range no further than its limit."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models.search import name_keys
from app.shared.json import dumps

END: Final = "\U0010ffff"
"""Comes after all that a key can go on with."""
ONLY: Final = "\x01"
"""Comes before all that a key can go on with, so that a range up to here holds the key alone."""
MOST: Final = 200
"""How many names of one range are read; of them, those with another tail are left out."""
Ordered = Literal["key", "core", "backwards"]
_COLUMNS: Final[tuple[Ordered, ...]] = ("key", "core", "backwards")
_FEWEST_LETTERS: Final = 4


class Range(NamedTuple):
    """Names from ``low`` to before ``high`` in one of three orders; by ``letters`` where that is not ``key``.

    ``number`` is what the range is for: it comes back with each name that was found. ``tail`` is how they have to end.
    """

    number: int
    by: Ordered
    low: str
    high: str
    letters: int = 0
    tail: str = ""


class Named(NamedTuple):
    """A name that was found: what the range was for, whose it is, what it is, and how it is written and compared."""

    number: int
    company_id: int
    what: str
    scheme: str | None
    value: str
    key: str
    core: str | None


async def look_up(connection: AsyncConnection, ranges: Sequence[Range]) -> list[Named]:
    """The names in some ranges, of each range no more than the first ``MOST``."""
    if not ranges:
        return []
    statement, values = lookup_of(ranges, lateral=connection.dialect.name == "postgresql")
    return [Named(*row) for row in await connection.execute(statement, values)]


def lookup_of(ranges: Sequence[Range], *, lateral: bool) -> tuple[Select[Any], dict[str, str]]:
    """The statement that looks up some ranges, at least one, and its values."""
    asked = {by: dumps([(r.number, r.letters, r.low, r.high, r.tail) for r in ranges if r.by == by]) for by in _COLUMNS}
    wanted = tuple(by for by in _COLUMNS if asked[by] != "[]")
    return lookup_statement(wanted, lateral=lateral), {by: asked[by] for by in wanted}


def slips(number: int, core: str) -> Iterator[Range]:
    """Ranges that hold every name one slip away from ``core`` (a letter too many, missing, wrong, or two swapped).

    A slip is in one third of the name; the letters before that and after it are as they were. A name of less than four
    letters has too many neighbours.
    """
    letters = len(core)
    if letters < _FEWEST_LETTERS:
        return
    first, second = (letters + 1) // 3, 2 * letters // 3
    end = core[first + 1 :][::-1]
    for length in range(letters - 1, letters + 2):
        yield Range(number, "backwards", end, end + END, length)
        yield Range(number, "core", core[:first], core[:first] + END, length, core[second + 1 :])
        yield Range(number, "core", core[:second], core[:second] + END, length)


@cache
def lookup_statement(wanted: tuple[Ordered, ...], *, lateral: bool) -> Select[Any]:
    """The names in ranges of some orders, which are bound as JSON under the name of the order.

    ``lateral``: PostgreSQL reads each range from its index so; SQLite does where the rows are named one by one.
    """
    found = union_all(*((_lateral if lateral else _by_row)(by) for by in wanted)).subquery("found")
    its = (name_keys.c.company_id == found.c.company_id) & (name_keys.c.position == found.c.position)
    shown = (name_keys.c[name] for name in Named._fields[1:])
    return select(found.c.number, *shown).select_from(found.join(name_keys, its))


def _lateral(by: Ordered) -> Select[Any]:
    each = func.json_array_elements(cast(bindparam(by, type_=String), JSON))
    asked = each.table_valued("one", name=f"by_{by}").render_derived()
    number, letters, low, high, tail = (func.json_extract_path_text(asked.c.one, str(place)) for place in range(5))
    # All columns that are read stand in the index, in whose order they come: no more is read than the limit says.
    columns = (name_keys.c.company_id, name_keys.c.position, name_keys.c[by].label("name"))
    within = _within(name_keys, by, cast(letters, Integer), low, high)
    read = select(*columns).where(*within).order_by(name_keys.c[by]).limit(MOST).lateral()
    numbered = select(cast(number, Integer).label("number"), read.c.company_id, read.c.position)
    return numbered.select_from(asked.join(read, true())).where(_ends(read.c.name, tail))


def _by_row(by: Ordered) -> Select[Any]:
    asked = func.json_each(bindparam(by, type_=String)).table_valued("value", name=f"by_{by}")
    number, letters, low, high, tail = (func.json_extract(asked.c.value, f"$[{place}]") for place in range(5))
    inner, read = name_keys.alias("ranged"), name_keys.alias("read")
    within = _within(inner, by, letters, low, high)
    rows: Select[int] = (
        select(literal_column("ranged.rowid")).where(*within).order_by(inner.c[by]).limit(MOST).correlate(asked)
    )
    numbered = select(number.label("number"), read.c.company_id, read.c.position)
    these = literal_column("read.rowid").in_(rows)
    return numbered.select_from(asked.join(read, these)).where(_ends(read.c[by], tail))


def _within(names: FromClause, by: Ordered, letters: Any, low: Any, high: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 - SQL
    first = names.c.inside.is_(False) if by == "key" else names.c.letters == letters
    there = [] if by == "key" else [names.c[by].is_not(None)]
    return [first, *there, names.c[by] >= low, names.c[by] < high]


def _ends(name: ColumnElement[str], tail: Any) -> ColumnElement[bool]:  # noqa: ANN401 - SQL
    ends: ColumnElement[bool] = func.substr(name, func.length(name) - func.length(tail) + 1) == tail
    return ends
