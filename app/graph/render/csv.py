"""The edges of a graph as CSV (RFC 4180): one row an edge, from the dependent to what it depends on."""

import csv
import re
from collections.abc import Iterable
from io import StringIO

from app.graph.analysis.model import Edge
from app.graph.render.labels import number
from app.graph.render.picture import Picture

COLUMNS = (
    *("from", "from_name", "to", "to_name", "kind", "record_type", "record", "stage"),
    *("amount_low", "amount_high", "amount_unit", "amount_text", "share_low", "share_high"),
    *("since", "until", "possible", "part_of", "summary"),
)
# What a spreadsheet takes for the start of a formula, in half and in full width.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def render(picture: Picture) -> str:
    """Return a header and a row for each edge, lines ending in CRLF; an open bound is an empty cell.

    A cell that a spreadsheet would run, one that begins with ``= + - @``, a tab or a line break, gets an apostrophe
    before it, also where apostrophes already stand before such a character. To undo it, take one apostrophe away
    where apostrophes are followed by one of these characters.
    """
    names = {node.slug: node.name for node in picture.nodes}
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(harmless, _cells(edge, names)) for edge in picture.edges)
    return out.getvalue()


def harmless(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would take for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _cells(edge: Edge, names: dict[str, str]) -> Iterable[str]:
    amount, share = edge.amount, edge.share
    yield from (edge.dependent, names[edge.dependent], edge.on, names[edge.on])
    yield from (edge.kind, edge.record.type, edge.record.slug, edge.stage)
    yield from (number(amount.low), number(amount.high), amount.unit, amount.text) if amount else ("",) * 4
    yield from (number(share.low), number(share.high)) if share else ("",) * 2
    yield from (edge.since or "", edge.until or "", str(edge.possible).lower())
    yield from (edge.part_of.slug if edge.part_of else "", edge.summary)
