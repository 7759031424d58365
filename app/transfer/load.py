"""Loads stated records into the store: all or nothing, whoever they come from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from app.ledger.resource import Resource
from app.ledger.schemas import Record
from app.ledger.transaction import Author, Refused, Tally, Transaction, transaction
from app.ledger.validating import flaws_of
from app.shared.database import Database
from app.shared.errors import Flaw, unknown
from app.shared.json import check
from app.transfer.resources import BY_TYPE, IN_ORDER


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record cannot be taken: its resource, its position in the file (from 0), and what is wrong where."""

    resource: str
    position: int
    flaw: Flaw

    def __str__(self) -> str:
        hint = f" (did you mean {self.flaw.suggestion!r}?)" if self.flaw.suggestion else ""
        return f"/{self.resource}/{self.position}{self.flaw.pointer or ''}: {self.flaw.detail}{hint}"


class ImportRefused(Exception):  # noqa: N818 - an import is refused
    """An import of which nothing was taken, with every reason that was found."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("\n".join(map(str, refusals)))
        self.refusals = refusals


@dataclass
class Report:
    """What an import did: a tally for each resource, and the store's revision after it (None where nothing changed)."""

    revision: int | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)

    def __str__(self) -> str:
        done = [f"{n} {word}" for word in ("created", "changed", "unchanged") if (n := self._sum(word))]
        parts = [f"{_sum(tally)} {name}" for name, tally in self.tallies.items()]
        return f"{', '.join(done) or 'nothing to do'} ({', '.join(parts)})"

    def _sum(self, word: str) -> int:
        return sum(getattr(tally, word) for tally in self.tallies.values())


async def load(database: Database, statements: Mapping[str, Sequence[Any]], *, actor: str, reason: str) -> Report:
    """Load records by resource in one transaction. Raises ImportRefused, with the store as it was, if any is wrong."""
    batches, report = _validated(statements), Report()
    try:
        async with transaction(database, Author(actor, reason)) as write:
            for resource, records in batches:
                report.tallies[resource.type] = await _put(write, resource, records)
    except Refused as refused:
        # At the end, where what its sources' dates say of other records cannot be kept.
        raise ImportRefused([Refusal("sources", place, flaw) for place, flaw in refused.flaws]) from None
    report.revision = write.revision if write.changed else None
    return report


async def _put(write: Transaction, resource: Resource, records: Sequence[Record]) -> Tally:
    try:
        return await write.put(resource, records)
    except Refused as refused:
        raise ImportRefused([Refusal(resource.type, place, flaw) for place, flaw in refused.flaws]) from None


def _validated(statements: Mapping[str, Sequence[Any]]) -> list[tuple[Resource, list[Record]]]:
    refusals = [Refusal(name, 0, unknown("resource", name, BY_TYPE, "")) for name in statements if name not in BY_TYPE]
    batches = []
    for resource in IN_ORDER:
        records, wrong = _parse(resource, statements.get(resource.type, ()))
        refusals += wrong
        if records:
            batches.append((resource, records))
    if refusals:
        raise ImportRefused(refusals)
    return batches


def _parse(resource: Resource, stated: Iterable[Any]) -> tuple[list[Record], list[Refusal]]:
    records, refusals = [], []
    for position, one in enumerate(stated):
        try:
            check(one)
            records.append(resource.schema.model_validate(one))
        except ValidationError as error:
            refusals += [Refusal(resource.type, position, flaw) for flaw in flaws_of(error, resource.schema)]
        except ValueError as error:
            refusals.append(Refusal(resource.type, position, Flaw(str(error))))
    return records, refusals


def _sum(tally: Tally) -> int:
    return tally.created + tally.changed + tally.unchanged
