"""Keeps the records of a file on disk until they are loaded: each resource by itself, in the order of the file."""

import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Final, NamedTuple, Self

from app.shared.chunks import in_chunks
from app.shared.errors import Flaw
from app.transfer.refusals import MAX_TOLD, Refusal, Refusals
from app.transfer.resources import IN_ORDER
from app.transfer.rows import Row

CHUNK: Final = 1_000


class Spooled(NamedTuple):
    """A record that waits: its place in the file, and its text in JSON."""

    place: int
    text: bytes


class Spool:
    """A file's records, and what is wrong with it so far.

    It is a private SQLite database, which SQLite itself keeps in memory while it is small, then in a temporary file
    that has no name. ``lines``: whether places are lines of a file, or else positions among the records of a resource.
    """

    def __init__(self, *, lines: bool = True) -> None:
        self._lines = lines
        self.refusals = Refusals()
        self.read = 0
        self._unread: set[tuple[int, str | None]] = set()
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-4000", "locking_mode=EXCLUSIVE"):
            self._db.execute(f"PRAGMA {pragma}")
        for resource in IN_ORDER:
            self._db.execute(f"CREATE TABLE {resource.type} (place INTEGER, slug TEXT, text BLOB)")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def fill(self, rows: Iterable[Row | Flaw]) -> None:
        """Take rows in, whatever order they are in."""
        waiting: dict[str, list[tuple[int, str, bytes]]] = {resource.type: [] for resource in IN_ORDER}
        self._db.execute("BEGIN")
        for row in rows:
            self.read += 1
            if isinstance(row, Flaw):
                self._refuse_unread(row)
                continue
            some = waiting[row.resource]
            some.append((row.place, row.slug, row.text))
            if len(some) == CHUNK:
                self._insert(row.resource, some)
                some.clear()
        for name, some in waiting.items():
            self._insert(name, some)
        self._db.execute("COMMIT")

    def refuse(self, resource: str, found: Iterable[tuple[int, Flaw]]) -> None:
        """Note what is wrong with records, by their places; of what could not be read, nothing more."""
        news = ((place, flaw) for place, flaw in found if (place, flaw.pointer) not in self._unread)
        self.refusals.add(self.refusal(resource, place, flaw) for place, flaw in news)

    def _refuse_unread(self, flaw: Flaw) -> None:
        self.refusals.add([Refusal("", flaw.line or 0, flaw)])
        # Of those that are told: more would fill the memory.
        if flaw.pointer and len(self._unread) < MAX_TOLD:
            self._unread.add((flaw.line or 0, flaw.pointer))

    def refusal(self, resource: str, place: int, flaw: Flaw) -> Refusal:
        """What is wrong with the record at a place."""
        if self._lines:
            flaw = Flaw(flaw.detail, pointer=flaw.pointer, suggestion=flaw.suggestion, line=place)
        return Refusal(resource, place, flaw)

    def some(self, resource: str, most: int) -> list[str]:
        """Slugs of a resource that stand in the file, at most so many."""
        query = f"SELECT slug FROM {resource} LIMIT {most}"  # noqa: S608 - our own name
        return [slug for (slug,) in self._db.execute(query)]

    def several(self, resource: str) -> bool:
        """Whether the records of a resource are more than one chunk."""
        query = f"SELECT 1 FROM {resource} LIMIT 1 OFFSET {CHUNK}"  # noqa: S608 - our own name
        return self._db.execute(query).fetchone() is not None

    def chunks(self, resource: str) -> Iterator[list[Spooled]]:
        """The records of a resource, 1,000 at a time."""
        found = self._db.execute(f"SELECT place, text FROM {resource} ORDER BY rowid")  # noqa: S608 - the same
        while rows := found.fetchmany(CHUNK):
            yield [Spooled(*row) for row in rows]

    def slugs(self, resource: str) -> Iterator[list[str]]:
        """The slugs of a resource, 1,000 at a time."""
        found = self._db.execute(f"SELECT slug FROM {resource} ORDER BY rowid")  # noqa: S608 - the same
        while rows := found.fetchmany(CHUNK):
            yield [slug for (slug,) in rows if slug]

    def having(self, resource: str, slugs: Iterable[str]) -> set[str]:
        """Those of some slugs that stand in the file."""
        found: set[str] = set()
        for some in in_chunks(sorted(slugs), CHUNK):
            marks = ",".join("?" * len(some))
            query = f"SELECT slug FROM {resource} WHERE slug IN ({marks})"  # noqa: S608 - the same
            found |= {slug for (slug,) in self._db.execute(query, some)}
        return found

    def look_for_twins(self) -> None:
        """Note the records of which there is an earlier one of the same slug, once all are there."""
        for resource in IN_ORDER:
            name = resource.type
            self._db.execute(f"CREATE INDEX {name}_slug ON {name} (slug, place)")
            query = (
                f"SELECT slug, place, first FROM (SELECT slug, place, min(place) OVER (PARTITION BY slug) AS first "  # noqa: S608 - the same
                f"FROM {name} WHERE slug <> '') WHERE place > first"
            )
            for slug, place, first in self._db.execute(query):
                also = f"stands in line {first} already" if self._lines else "is given twice"
                self.refuse(name, [(place, Flaw(f"{slug!r} {also}", pointer="/slug"))])

    def _insert(self, resource: str, rows: list[tuple[int, str, bytes]]) -> None:
        self._db.executemany(f"INSERT INTO {resource} VALUES (?, ?, ?)", rows)  # noqa: S608 - the same
