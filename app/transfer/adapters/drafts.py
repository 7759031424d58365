"""Rows that can be read, before it is known who their names mean; and what becomes of them when it is."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.search.matching import Asked
from app.shared.json import dumps
from app.transfer.adapters.cells import slug_of
from app.transfer.adapters.companies import Companies
from app.transfer.adapters.outcomes import Outcome, Skipped
from app.transfer.adapters.tables import Row, Table
from app.transfer.records import validated
from app.transfer.resources import BY_TYPE

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that can become records.

    ``names`` are the companies that have to be known for it. ``records`` makes them, of which the first is the row's
    own; a row that makes none goes ``into`` the record of another, by its slug.
    """

    file: str
    row: Row
    name: str
    names: Sequence[Asked]
    records: Callable[[], Sequence[Fields]]
    into: str = ""


@dataclass
class Drafts:
    """The rows of a file: those that can be read as drafts, the others with why they are skipped."""

    listed: list[Draft | Outcome] = field(default_factory=list)

    def read(self, table: Table, name: str, draft: Callable[[Row], Draft]) -> None:
        """Read every row of a table; ``name`` is the column that says what a row is about."""
        for row in table.rows:
            try:
                self.listed.append(draft(_whole(row)))
            except (Skipped, ValueError) as reason:
                self.listed.append(Outcome(table.name, row, row[name], "skipped", why=str(reason)))

    async def settled(self, companies: Companies) -> tuple[dict[str, Fields], list[Outcome]]:
        """The records of all rows whose companies are known, by slug, and an outcome for every row."""
        await companies.ask(name for one in self.listed if isinstance(one, Draft) for name in one.names)
        made: dict[str, Fields] = {}
        return made, [one if isinstance(one, Outcome) else _settled(one, companies, made) for one in self.listed]


def _whole(row: Row) -> Row:
    if row.flaw:
        raise Skipped(row.flaw)
    return row


def _settled(draft: Draft, companies: Companies, made: dict[str, Fields]) -> Outcome:
    try:
        require(companies, draft.names)
        with companies.unless_skipped():
            records = [takeable("fleets", record) for record in draft.records()]
        if not records:
            return Outcome(draft.file, draft.row, draft.name, "merged", draft.into, "goes into the records of its days")
    except Skipped as reason:
        return Outcome(draft.file, draft.row, draft.name, "skipped", why=str(reason))
    slug = records[0]["slug"]
    if slug in made:
        return Outcome(draft.file, draft.row, draft.name, "merged", slug, "another row says the same")
    made |= {record["slug"]: record for record in records}
    return Outcome(draft.file, draft.row, draft.name, "taken", slug)


def takeable(kind: str, record: Fields) -> Fields:
    """The same record. Raises Skipped, with all that is wrong, for one that an import would refuse."""
    found = validated(BY_TYPE[kind], dumps(record).encode())
    if isinstance(found, list):
        raise Skipped("; ".join(f"{flaw.pointer}: {flaw.detail}" for flaw in found))
    return record


def require(companies: Companies, names: Iterable[Asked]) -> None:
    """Raise Skipped, with every reason, unless it is known who all of the names mean."""
    answers = [companies.answer(name) for name in names]
    if open_ := [one.why for one in answers if one.decision in ("unclear", "unknown")]:
        raise Skipped("; ".join(dict.fromkeys(open_)))


def slugs_of(table: Table, prefix: str, name: Callable[[Row], str]) -> Callable[[Row], str]:
    """How to name the records of a table: by the row's own name, and by what it says where others have the same."""
    named = Counter(slug_of(f"{prefix} {name(row)}") for row in table.rows)

    def slug(row: Row) -> str:
        plain = slug_of(f"{prefix} {name(row)}")
        return plain if named[plain] == 1 else slug_of(f"{prefix} {name(row)}", row.digest)

    return slug
