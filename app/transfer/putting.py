"""Puts the records of a spool into the store, in one transaction: resource after resource, 1,000 at a time."""

from asyncio import Task, create_task
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from app.companies.repository import COMPANIES
from app.companies.schemas import Company
from app.ledger.odd_names import odd_names
from app.ledger.resource import Resource
from app.ledger.rows import mentions
from app.ledger.schemas import Record
from app.ledger.transaction import Refused, Tally, Transaction
from app.shared.chunks import with_pauses
from app.shared.errors import Flaw
from app.transfer.records import validated
from app.transfer.refusals import MAX_TOLD, Refusal
from app.transfer.resources import IN_ORDER
from app.transfer.spool import Spool, Spooled

Told = Callable[[int, int], None]
"""What is told of progress: how many records are loaded, of how many."""


def tell_nobody(_done: int, _total: int) -> None:
    """Keep progress to oneself."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to import: only to see what it would do, and whether companies that are named but not there are made."""

    dry_run: bool = False
    create_missing: bool = False


@dataclass
class Report:
    """What an import did: a tally for each resource, and the store's revision after it (None where nothing changed).

    ``missing`` are the companies that were named, were not there, and were made; ``read`` is how many records the file
    has. A dry run tells what it would have done, and has no revision. ``odd`` are the first of the names that were
    taken and look odd (`app.ledger.odd_names`), each with its line; ``odd_total`` counts all.
    """

    revision: int | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    read: int = 0
    dry_run: bool = False
    odd: list[Flaw] = field(default_factory=list)
    odd_total: int = 0

    def __str__(self) -> str:
        done = [f"{n} {word}" for word in ("created", "changed", "unchanged") if (n := self._sum(word))]
        parts = [f"{sum(asdict(tally).values())} {name}" for name, tally in self.tallies.items()]
        return f"{', '.join(done) or 'nothing to do'} ({', '.join(parts)})" if parts else "nothing to do"

    def shown(self) -> dict[str, Any]:
        """The report as the API shows it."""
        return {
            "dry_run": self.dry_run,
            "revision": self.revision,
            "read": self.read,
            **{word: self._sum(word) for word in ("created", "changed", "unchanged")},
            "resources": {name: asdict(tally) for name, tally in self.tallies.items()},
            "created_missing": self.missing,
            "warnings": [flaw.shown() for flaw in self.odd],
            "warnings_total": self.odd_total,
        }

    @classmethod
    def read_from(cls, shown: Mapping[str, Any]) -> Self:
        """The report that the API shows so."""
        tallies = {name: Tally(**tally) for name, tally in shown["resources"].items()}
        told = (shown["revision"], tallies, shown["created_missing"], shown["read"], shown["dry_run"])
        return cls(*told, [Flaw(**flaw) for flaw in shown.get("warnings", ())], shown.get("warnings_total", 0))

    def add(self, resource: Resource, tally: Tally) -> None:
        """Count what became of some records."""
        its = self.tallies.setdefault(resource.type, Tally())
        its.created += tally.created
        its.changed += tally.changed
        its.unchanged += tally.unchanged

    def warn(self, line: int, record: Record) -> None:
        """Note the odd names of a record, which stands in a line."""
        for flaw in odd_names(record):
            self.odd_total += 1
            if len(self.odd) < MAX_TOLD:
                self.odd.append(replace(flaw, line=line))

    def _sum(self, word: str) -> int:
        return sum(getattr(tally, word) for tally in self.tallies.values())


class Stopped(Exception):  # noqa: N818 - an import is stopped
    """Something is wrong, as the spool says: what was written goes back."""


class RolledBack(Exception):  # noqa: N818 - as was asked for
    """A dry run has come to its end, with a report: what was written goes back."""

    def __init__(self, report: Report) -> None:
        super().__init__("a dry run")
        self.report = report


async def put_all(write: Transaction, spool: Spool, options: Options, told: Told = tell_nobody) -> Report:
    """Put all records of a spool. Raises Stopped where any is wrong, RolledBack at the end of a dry run."""
    report, done = Report(read=spool.read, dry_run=options.dry_run), 0
    for resource in IN_ORDER:
        if spool.several(resource.type):
            # They may refer to each other whichever chunk they are in.
            for slugs in spool.slugs(resource.type):
                await write.announce(resource, slugs)
        async for chunk, records in _ahead(spool, resource):
            if options.create_missing:
                await _create_missing(write, spool, report, resource, records)
            report.add(resource, await _put(write, spool, resource, chunk, records))
            for (place, _), record in zip(chunk, records, strict=True):
                report.warn(place, record)
            done += len(chunk)
            told(done, spool.read)
    await _weigh(write, spool)
    if options.dry_run:
        raise RolledBack(report)
    report.revision = write.revision if write.changed else None
    return report


async def _ahead(spool: Spool, resource: Resource) -> AsyncIterator[tuple[Sequence[Spooled], list[Record]]]:
    """The chunks of a resource, each validated while the one before it is put: the database is waited for then."""
    chunks = spool.chunks(resource.type)
    waiting: list[tuple[list[Spooled], Task[list[Record]]]] = []
    try:
        for chunk in chunks:
            waiting.append((chunk, create_task(_validated(spool, resource, chunk))))
            if len(waiting) > 1:
                first, validating = waiting.pop(0)
                yield first, await validating
        for chunk, validating in waiting:
            yield chunk, await validating
    finally:
        for _, validating in waiting:
            validating.cancel()


async def _validated(spool: Spool, resource: Resource, chunk: Sequence[Spooled]) -> list[Record]:
    records: list[Record] = []
    async for some in with_pauses(chunk):
        for place, text in some:
            found = validated(resource, text)
            if not isinstance(found, Record):
                spool.refuse(resource.type, ((place, flaw) for flaw in found))
                raise Stopped
            records.append(found)
    return records


async def _put(
    write: Transaction, spool: Spool, resource: Resource, chunk: Sequence[Spooled], records: Sequence[Record]
) -> Tally:
    try:
        return await write.put(resource, records)
    except Refused as refused:
        spool.refuse(resource.type, ((chunk[position].place, flaw) for position, flaw in refused.flaws))
        raise Stopped from None


async def _create_missing(
    write: Transaction, spool: Spool, report: Report, resource: Resource, records: Sequence[Record]
) -> None:
    """Make the companies that records name and that neither the store nor the file has, nor the store ever had."""
    targets = (mention.target for record in records for mention in mentions(resource, record))
    named = {slug for kind, slug in targets if kind == COMPANIES.type}
    strange = sorted(named - spool.having(COMPANIES.type, named))
    known = await write.known(COMPANIES, strange)
    missing = [slug for slug in strange if slug not in known]
    made = [Company(slug=slug, name=_readable(slug), kind="other") for slug in missing]
    if made:
        report.add(COMPANIES, await write.put(COMPANIES, made))
        report.missing += missing


def _readable(slug: str) -> str:
    return " ".join(word.capitalize() for word in slug.split("-"))


async def _weigh(write: Transaction, spool: Spool) -> None:
    """Weigh claims anew, as the end of the transaction would: what it refuses is told like any other flaw."""
    try:
        await write.weigh()
    except Refused as refused:
        # It is of a record that is not in the file, so no line is to blame.
        spool.refusals.add(Refusal("sources", place, flaw) for place, flaw in refused.flaws)
        raise Stopped from None
