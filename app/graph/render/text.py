"""A graph as a tree for the terminal: each company is opened once, where it is closest to the root."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap

from app.graph.analysis.model import Edge
from app.graph.render.labels import facts, heading, narrowing, notes, totals, visible
from app.graph.render.measure import columns, shorten
from app.graph.render.picture import Picture

WIDTH = 80
_NAME_WIDTH = 36
_LAST_FACT_COLUMN = 44  # Further right, the facts would have no room beside the name: they go below it.

Hops = dict[str, dict[str, list[Edge]]]


def render(picture: Picture) -> str:
    """Return the tree in lines of 80 columns (longer only where one word or amount is), ending in a newline."""
    tree = list(_tree(picture)) or ["└── nothing is recorded"]
    closing = [totals(picture), *([visible(picture.description)] if picture.description else []), *notes(picture)]
    wrapped = [line for paragraph in closing for line in wrap(paragraph, WIDTH, subsequent_indent="  ")]
    asked = wrap(narrowing(picture), WIDTH, subsequent_indent="  ")
    return "\n".join([heading(picture), *asked, *tree, "", *wrapped]) + "\n"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A company below another one; ``parent`` is None for one that hangs from the heading."""

    indent: str
    parent: str | None
    slug: str
    last: bool


def _tree(picture: Picture) -> Iterator[str]:
    names = {node.slug: shorten(visible(node.name), _NAME_WIDTH, columns) for node in picture.nodes}
    hops = _hops(picture)
    parents = _parents(picture, hops)
    tops = [slug for slug, parent in parents.items() if parent is None and slug != picture.root]
    opened = {picture.root}
    stack = _entries(
        "", [(picture.root, slug) for slug in hops.get(picture.root or "", ())] + [(None, s) for s in tops]
    )
    while stack:
        entry = stack.pop()
        edges = hops[entry.parent][entry.slug] if entry.parent else []
        below = hops.get(entry.slug, {})
        opens = bool(below) and entry.slug not in opened and parents[entry.slug] == entry.parent
        elsewhere = "" if opens or not below else " (see above)" if entry.slug in opened else " (see below)"
        yield from _lines(entry, names[entry.slug] + elsewhere, edges, opens=opens)
        if opens:
            opened.add(entry.slug)
            indent = entry.indent + ("    " if entry.last else "│   ")
            stack += _entries(indent, [(entry.slug, child) for child in below])


def _hops(picture: Picture) -> Hops:
    """Group the edges by the company that is opened and the one that is shown below it."""
    hops: Hops = {}
    for edge in picture.edges:
        upper, lower = picture.ends(edge)
        if picture.direction == "depended_on_by":
            upper, lower = lower, upper
        hops.setdefault(upper, {}).setdefault(lower, []).append(edge)
    return hops


def _parents(picture: Picture, hops: Hops) -> dict[str, str | None]:
    """Give where each company is opened: under the first that reaches it, breadth first; None under the heading."""
    parents: dict[str, str | None] = {}
    for top in [*([picture.root] if picture.root else []), *(node.slug for node in picture.nodes)]:
        if top in parents:
            continue
        parents[top] = None
        queue = deque([top])
        while queue:
            upper = queue.popleft()
            found = [lower for lower in hops.get(upper, ()) if lower not in parents]
            parents.update(dict.fromkeys(found, upper))
            queue.extend(found)
    return parents


def _entries(indent: str, pairs: list[tuple[str | None, str]]) -> list[_Entry]:
    """List the entries of one level for a stack: the first one on top."""
    return [_Entry(indent, parent, slug, n == 0) for n, (parent, slug) in enumerate(reversed(pairs))]


def _lines(entry: _Entry, name: str, edges: list[Edge], *, opens: bool) -> Iterator[str]:
    first = f"{entry.indent}{'└── ' if entry.last else '├── '}{name}"
    rail = entry.indent + ("    " if entry.last else "│   ") + ("│" if opens else "")
    column = columns(first) + 2
    beside = column <= _LAST_FACT_COLUMN
    column = column if beside else columns(rail) + 4
    rows = [row for edge in edges for row in _packed(facts(edge), WIDTH - column)]
    if beside and rows:
        yield f"{first}  {rows[0]}"
    else:
        yield first
    yield from (rail.ljust(column) + row for row in rows[beside:])


def _packed(parts: Iterable[str], width: int) -> list[str]:
    """Join facts into rows of that width; a row that goes on ends in the separator, and the next is indented."""
    rows: list[str] = []
    for part in parts:
        if rows and columns(f"{rows[-1]} · {part}") <= width:
            rows[-1] += f" · {part}"
        else:
            rows.append(f"  {part}" if rows else part)
    return [f"{row} ·" for row in rows[:-1]] + rows[-1:]
