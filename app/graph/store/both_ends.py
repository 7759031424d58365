"""The edges between two companies, sought from both ends of the paths that they are on."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import CompoundSelect, Select, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.graph.question import EdgeFilter, Limits
from app.graph.store.found import Form, Found, find, form_of, packed_edges, values_of
from app.graph.store.induced import induced
from app.graph.store.levels import Way, bound, closest, levels_from
from app.graph.store.near import caps, is_lateral
from app.graph.store.root import Root

_ENDS: Final[Mapping[str, Way]] = {"source": "depends_on", "target": "depended_on_by"}
"""The ends of a path, and which way edges are followed from each."""


async def between(  # noqa: PLR0913 - a question, how far to ask it, and its limits
    connection: AsyncConnection, source: Root, target: Root, depth: int, *, only: EdgeFilter, limits: Limits
) -> Found:
    """The edges among which every path of at most ``depth`` hops from ``source`` to ``target`` is.

    Of the companies between its ends the first are near the source, the others near the target. How many hops are gone
    from which end is what meets the fewest companies: all that a company depends on are few, where a hub is meant.
    """
    form, lateral, values = form_of(only), is_lateral(connection), caps(limits) | values_of(only)
    values |= {"source": source.id, "target": target.id}
    around = (await connection.execute(_around(depth - 1, form, lateral=lateral), values)).all()
    ahead = hops_ahead(around, depth - 1, limits.nodes)
    statement = _halfway(ahead, depth - 1 - ahead, form, lateral=lateral)
    return await find(connection, statement, values, only, beside={one.id: one.node for one in (source, target)})


def hops_ahead(found: Sequence[tuple[str, int, int]], hops: int, most: int) -> int:
    """How many of some hops to go from the source, and the others back from the target, to meet the fewest companies.

    ``found``: how many companies are how near to which end. Where they are more than ``most`` whatever is done, half.
    """
    half = (hops + 1) // 2

    def met(ahead: int) -> int:
        furthest = {"source": ahead, "target": hops - ahead}
        return sum(number for end, depth, number in found if depth <= furthest[end])

    fewest = min(range(hops + 1), key=lambda ahead: (met(ahead), abs(ahead - half)))
    return fewest if met(fewest) <= most else half


@cache
def _around(depth: int, form: Form, *, lateral: bool) -> CompoundSelect[Any]:
    """How many companies are how near to either end of a path."""
    counts = []
    for end, way in _ENDS.items():
        found = closest(levels_from(bound(end), way, depth, form=form, lateral=lateral))
        counts.append(select(literal(end), found.c.depth, func.count()).group_by(found.c.depth))
    return union_all(*counts)


@cache
def _halfway(ahead: int, behind: int, form: Form, *, lateral: bool) -> Select[Any]:
    hops = zip(_ENDS.items(), (ahead, behind), strict=True)
    levels = (levels_from(bound(end), way, depth, form=form, lateral=lateral) for (end, way), depth in hops)
    return packed_edges(induced(closest(*levels), form, lateral=lateral))
