"""The edges between two companies, sought from both ends of the paths that they are on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import Form, Found, find, form_of, packed_edges, values_of
from app.graph.store.induced import company_by_company, induced
from app.graph.store.levels import NODE_CAP, bound, closest, levels_from
from app.graph.store.near import caps, is_lateral
from app.graph.store.root import Root
from app.shared.among import listed
from app.shared.driver import KEPT_STATEMENTS
from app.shared.packed import packed, values_in

Met = tuple[str, int, int]
"""From which end of a path a company was met, its id, and how many hops from there."""


async def between(  # noqa: PLR0913 - a question, how far to ask it, and its limits
    connection: AsyncConnection, source: Root, target: Root, depth: int, *, only: EdgeFilter, limits: Limits
) -> Found:
    """The edges among which every path of at most ``depth`` hops from ``source`` to ``target`` is.

    Of the companies between its ends the first are near the source, the others near the target. How many hops are gone
    from which end is what meets the fewest companies: all that a company depends on are few, where a hub is meant.
    """
    form, lateral, values = form_of(only), is_lateral(connection), caps(limits) | values_of(only)
    values |= {"source": source.id, "target": target.id}
    met = (await connection.execute(around(depth - 1, form, lateral=lateral), values)).one()
    found: list[Met] = list(values_in(met))
    ahead = hops_ahead(found, depth - 1, limits.nodes)
    values["ids"] = in_turns(found, {"source": ahead, "target": depth - 1 - ahead})[: limits.nodes + 1]
    statement = among(form, lateral=lateral)
    return await find(connection, statement, values, only, beside={one.id: one.node for one in (source, target)})


def hops_ahead(found: Iterable[Met], hops: int, most: int) -> int:
    """How many of some hops to go from the source, and the others back from the target, to meet the fewest companies.

    Where they are more than ``most`` whatever is done, half.
    """
    numbers, half = Counter((end, depth) for end, _, depth in found), (hops + 1) // 2

    def met(ahead: int) -> int:
        furthest = {"source": ahead, "target": hops - ahead}
        return sum(number for (end, depth), number in numbers.items() if depth <= furthest[end])

    fewest = min(range(hops + 1), key=lambda ahead: (met(ahead), abs(ahead - half)))
    return fewest if met(fewest) <= most else half


def in_turns(found: Iterable[Met], furthest: Mapping[str, int]) -> list[int]:
    """The companies that are at most as far as ``furthest`` says from either end, the closest first.

    The ends take turns at each depth: the many neighbours of one do not crowd out the few of the other.
    """
    turns, places = Counter[tuple[str, int]](), dict[int, tuple[int, int]]()
    for end, id_, depth in sorted(found):
        if depth <= furthest[end]:
            place = depth, turns[end, depth]
            turns[end, depth] += 1
            places[id_] = min(place, places.get(id_, place))
    return sorted(places, key=lambda id_: (places[id_], id_))


@lru_cache(KEPT_STATEMENTS)
def around(depth: int, form: Form, *, lateral: bool) -> Select[Any]:
    """How near which companies are to either end of a path, in one row.

    Where the database can (``lateral``), it reads near the target one company more than there are near the source at
    most: all hops are gone from the source then. To find 500 around a hub took 3 of 11 ms.
    """
    levels = partial(levels_from, depth=depth, form=form, lateral=lateral)
    ahead = closest(levels(bound("source"), "depends_on"))
    back = closest(levels(bound("target"), "depended_on_by", cap=one_more_than(ahead) if lateral else NODE_CAP))
    ends = (("source", ahead), ("target", back))
    each = [select(literal(end).label("end"), found.c.id, found.c.depth) for end, found in ends]
    columns: list[ColumnElement[Any]] = [*packed(union_all(*each).subquery())]
    return select(*columns)


def one_more_than(companies: CTE) -> ColumnElement[int]:
    """A cap that is met where there are more than some companies."""
    number = select(func.count() + 1).select_from(companies).correlate(None).scalar_subquery()
    return func.least(NODE_CAP, number)


@lru_cache(KEPT_STATEMENTS)
def among(form: Form, *, lateral: bool) -> Select[Any]:
    """The edges between the companies that ``ids`` lists, those that leave the first of them first."""
    # In order, so that PostgreSQL need not sort all edges of two hubs by it: that took 600 ms instead of 120.
    companies = listed("ids", arrays=lateral).order_by("place").cte()
    return packed_edges(company_by_company(companies, form) if lateral else induced(companies, form))
