"""How answers stand on a terminal, in colour where it has some (NO_COLOR is heeded), and plainly in a pipe."""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.saying import say
from app.graph.render.labels import visible

_BRANCH: Final = re.compile(r"(?P<guide>[│ ]*[├└]── )(?P<name>.*?)(?P<aside> \(see (?:above|below)\))?(?P<facts>  .*)?")
_GOING_ON: Final = re.compile(r"(?P<guide>[│ ]+)(?P<facts>\S.*)")
_DATED: Final = re.compile(r"(since |until )?~?\d{4}(-|~| |$).*")
# As the models have them, which would bring the whole of the database with them.
STAGES: Final = frozenset(
    {"rumoured", "intended", "announced", "signed", "active", "completed", "lapsed", "terminated", "superseded"}
)
KINDS: Final = frozenset(
    {
        *("compute", "hardware", "technology", "energy", "colocation"),
        *("other", "revenue", "partnership", "capital", "ownership"),
    }
)


def show_json(content: bytes) -> None:
    """Write what the API wrote, byte for byte; on a terminal the line is ended."""
    typer.echo(content, nl=sys.stdout.isatty())


def show_tree(text: str) -> None:
    """Show a tree as the API writes it; on a terminal its names, kinds and stages stand out."""
    console = Console()
    if not console.is_terminal:
        say(text.rstrip("\n"))
        return
    for line in text.splitlines():
        console.print(_coloured(line), soft_wrap=True)


def show_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Show rows under heads: wrapped in the width of a terminal; in a pipe a line each, in columns, with no heads."""
    console = Console()
    cleaned = [[visible(cell) for cell in row] for row in rows]
    if not console.is_terminal:
        for line in _aligned(cleaned):
            say(line)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, head in enumerate(heads):
        table.add_column(head, style="cyan" if number == 0 else None, overflow="fold")
    for row in cleaned:
        table.add_row(*map(Text, row))
    console.print(table)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _coloured(line: str) -> Text:
    match = _BRANCH.fullmatch(line) or _GOING_ON.fullmatch(line)
    if match is None:
        return Text(line, style="dim" if line.startswith("  ") else "")
    parts = match.groupdict("")
    return Text.assemble(
        (parts["guide"], "dim"),
        (parts.get("name", ""), "bold"),
        (parts.get("aside", ""), "dim"),
        *((fact, _style(fact.strip())) for fact in re.split(r"( · )", parts["facts"])),
    )


def _style(fact: str) -> str:
    if fact in KINDS:
        return "cyan"
    if fact.removesuffix(" ·") in STAGES | {"possible"}:
        return "yellow"
    return "dim" if fact == "·" or _DATED.fullmatch(fact) else "green"
