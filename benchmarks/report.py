"""The tables of docs/performance.md: what a benchmark measured takes the place of what it measured before.

A benchmark makes a `Table`, hands it to `publish`, and ends with ``sys.exit(not table.is_kept)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks.servers import machine

PAGE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
_BEGINS: Final = "<!-- measured: {} -->\n"
_ENDS: Final = "<!-- end -->"


@dataclass(frozen=True)
class Promise:
    """A figure, and what it has to be: at least its bound, or at most that."""

    figure: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether it is what it has to be. A figure that is no number (NaN) keeps nothing."""
        if self.at_least is None and self.at_most is None:
            raise ValueError("a promise has a bound")
        above = self.at_least is None or self.figure >= self.at_least
        return above and (self.at_most is None or self.figure <= self.at_most)

    def __str__(self) -> str:
        bounds = (("at least", self.at_least), ("at most", self.at_most))
        said = " and ".join(f"{words} {bound:g}" for words, bound in bounds if bound is not None)
        missed = "" if self.is_kept else ", **missed**"
        return f"{figure(self.figure)} ({said}{missed})"


Cell: TypeAlias = str | float | Promise


@dataclass(frozen=True)
class Table:
    """What was measured: the names of the columns, the rows, and how it was done, in words."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    how: str

    def __post_init__(self) -> None:
        if not self.rows or any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a table has rows, each with a cell for every column")

    @property
    def is_kept(self) -> bool:
        """Whether every promise in it is kept."""
        return all(cell.is_kept for row in self.rows for cell in row if isinstance(cell, Promise))

    def __str__(self) -> str:
        """As Markdown, with when and where it was measured."""
        lines = [self.columns, ["---"] * len(self.columns), *([_text(cell) for cell in row] for row in self.rows)]
        table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        return f"{table}\n{self.how}. Measured on {datetime.now(UTC).date()}: {machine()}.\n"


def publish(name: str, table: Table, page: Path = PAGE) -> None:
    """Print a table, and put it in the page between the marks that bear its name.

    ``name`` is that of the benchmark, with a word more where it has several tables (``reads unchanged``). Raises
    ValueError where the page has no place for it.
    """
    print(table, flush=True)
    text = page.read_text("utf-8")
    before, mark, rest = text.partition(_BEGINS.format(name))
    _, end, after = rest.partition(_ENDS)
    if not (mark and end):
        raise ValueError(f"{page} has no place for the table {name!r}: {_BEGINS.format(name)}{_ENDS}")
    page.write_text(f"{before}{mark}\n{table}\n{end}{after}", "utf-8")


def figure(value: float) -> str:
    """A number with three digits that count, or as many as stand before its point: 12,345, 12.3, 0.0123."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _text(cell: Cell) -> str:
    return figure(cell) if isinstance(cell, float | int) else str(cell)
