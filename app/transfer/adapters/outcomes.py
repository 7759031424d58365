"""What became of every row of a file: taken, merged or skipped, so that none is lost in silence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.shared.csv_cells import written
from app.shared.json import dumps
from app.transfer.adapters.companies import Answer
from app.transfer.adapters.tables import Row, Table

What = Literal["taken", "merged", "skipped"]
_HEADER = ("file", "place", "row", "outcome", "record", "why")


class Skipped(Exception):  # noqa: N818 - a row is skipped
    """A row that cannot be taken, and why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row of a file.

    ``taken``: it made the ``record`` (a slug) or changed it. ``merged``: what it says went into a record that another
    row made, or stands in the store already. ``skipped``: nothing came of it, and ``why`` says why not.
    """

    file: str
    row: Row
    name: str
    what: What
    record: str = ""
    why: str = ""


@dataclass
class Adapted:
    """What an adapter made of files: records by resource, an outcome for every row, and names that a person decides.

    ``in_vain``: what a person decided before and nothing came of, in sentences.
    """

    statements: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    unclear: Sequence[Answer] = ()
    in_vain: Sequence[str] = ()

    def check(self, tables: Iterable[Table]) -> None:
        """Raise RuntimeError unless every row of the tables has exactly one outcome."""
        ended = Counter((one.file, one.row.place) for one in self.outcomes)
        stood = Counter((table.name, row.place) for table in tables for row in table.rows)
        if ended != stood:
            places = ", ".join(f"{file} {place}" for file, place in sorted((stood - ended) + (ended - stood)))
            raise RuntimeError(f"rows without exactly one outcome: {places}")

    def counted(self) -> dict[str, Counter[str]]:
        """How many rows of each file were taken, merged and skipped."""
        found: dict[str, Counter[str]] = {}
        for one in self.outcomes:
            found.setdefault(one.file, Counter())[one.what] += 1
        return found

    def __str__(self) -> str:
        return "\n".join(
            f"{file}: {counts.total()} rows, "
            f"{counts['taken']} taken, {counts['merged']} merged, {counts['skipped']} skipped"
            for file, counts in self.counted().items()
        )

    def as_ndjson(self) -> Iterator[bytes]:
        """The records as the lines of a file that can be imported."""
        for resource, records in self.statements.items():
            for record in records:
                yield dumps({"type": resource, "slug": record["slug"]} | record).encode() + b"\n"

    def as_csv(self) -> str:
        """The outcome of every row, as CSV."""
        rows = [(one.file, one.row.place, one.name, one.what, one.record, one.why) for one in self.outcomes]
        return written([_HEADER, *rows])
