"""The edges of a graph as CSV (RFC 4180): one row an edge, from the dependent to what it depends on.

Of circular deals the rows go the way of the value, and each loop has rows of its own.
"""

from collections.abc import Iterable

from app.graph.analysis.model import Edge
from app.graph.render.labels import number
from app.graph.render.picture import Picture
from app.shared.csv_cells import written

COLUMNS = (
    *("from", "from_name", "to", "to_name", "kind", "record_type", "record", "stage"),
    *("amount_low", "amount_high", "amount_unit", "amount_text", "share_low", "share_high"),
    *("since", "until", "possible", "part_of", "summary"),
)
LOOP_COLUMNS = ("loop", "flow")
"""What follows in an answer of loops: the loop's number, and how value goes: along the dependency, or against it."""


def render(picture: Picture) -> str:
    """Return a header and a row for each edge, lines ending in CRLF; an open bound is an empty cell.

    An answer of loops has a row for each edge of each loop, hop after hop: one that is in two loops stands twice.
    A cell that a spreadsheet would run is made harmless, as all our CSV is (app/shared/csv_cells.py).
    """
    names = {node.slug: node.name for node in picture.nodes}
    if picture.rings is None:
        return written([COLUMNS, *(_cells(edge, picture.ends(edge), names) for edge in picture.edges)])
    rings = enumerate(picture.rings, 1)
    rows = (
        (*_cells(edge, picture.ends(edge), names), str(number), edge.flow or "")
        for number, ring in rings
        for edge in ring
    )
    return written([(*COLUMNS, *LOOP_COLUMNS), *rows])


def _cells(edge: Edge, ends: tuple[str, str], names: dict[str, str]) -> Iterable[str]:
    amount, share = edge.amount, edge.share
    yield from (cell for slug in ends for cell in (slug, names[slug]))
    yield from (edge.kind, edge.record.type, edge.record.slug, edge.stage)
    yield from (number(amount.low), number(amount.high), amount.unit, amount.text) if amount else ("",) * 4
    yield from (number(share.low), number(share.high)) if share else ("",) * 2
    yield from (edge.since or "", edge.until or "", str(edge.possible).lower())
    yield from (edge.part_of.slug if edge.part_of else "", edge.summary)
