"""Looks through a whole file for what is wrong with it: every record by itself, and whatever it refers to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.claims import settled
from app.ledger.nearest import never_was
from app.ledger.references import gone, resolve
from app.ledger.resource import Resource
from app.ledger.rows import Mention, Target, mentions, stated_mentions
from app.ledger.schemas import Record
from app.models.ledger import records as registry
from app.projection.impossible import impossible
from app.projection.rules import StatedRecord
from app.shared.aside import aside
from app.shared.chunks import with_pauses
from app.shared.database import Database
from app.shared.errors import Flaw, nearest
from app.shared.json import loads
from app.shared.partial_date import today
from app.transfer.records import validated
from app.transfer.resources import IN_ORDER
from app.transfer.spool import Spool, Spooled

_CANDIDATES: Final = 10_000
_SUGGESTED: Final = 20
"""For how many things that do not exist the nearest that does is looked for: 25 ms each among 10,000."""

_Named = list[tuple[int, Mention]]
"""References, each with the place of the record that it stands in."""


async def inspect(database: Database, spool: Spool, *, create_missing: bool) -> None:
    """Note in a spool every record that is not valid, and every reference to what neither store nor file has.

    With ``create_missing`` a company may be named that is in neither, unless the store had it once.
    """
    async with database.reading() as connection:
        known = _Known(connection, spool)
        for resource in IN_ORDER:
            for chunk in spool.chunks(resource.type):
                named = await _validated(spool, resource, chunk)
                await _refer(spool, known, resource, named, but="companies" if create_missing else "")


async def _validated(spool: Spool, resource: Resource, chunk: Sequence[Spooled]) -> _Named:
    """What records refer to, also those that are not valid."""
    named: _Named = []
    async for some in with_pauses(chunk):
        for place, text in some:
            found = validated(resource, text)
            if isinstance(found, Record):
                named += ((place, mention) for mention in mentions(resource, found))
                spool.refuse(resource.type, ((place, flaw) for flaw in _untrue(resource, found)))
            else:
                spool.refuse(resource.type, ((place, flaw) for flaw in found))
                named += ((place, mention) for mention in stated_mentions(resource, _json(text)))
    return named


def _untrue(resource: Resource, record: Record) -> Iterator[Flaw]:
    """What a record says that cannot be true, by the claims that count whenever their sources were published."""
    said = settled(record, {}).model_dump()
    return impossible(StatedRecord(resource.type, record.slug, said, today()))


def _json(text: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return loads(text)
    except ValueError:
        return None


async def _refer(spool: Spool, known: "_Known", resource: Resource, named: _Named, but: str) -> None:
    missing = await known.missing({mention.target for _, mention in named})
    became = await gone(known.connection, missing)
    for place, mention in named:
        target = mention.target
        if target in became or (target in missing and target[0] != but):
            flaw = became.get(target) or await known.unknown(target)
            spool.refuse(resource.type, [(place, replace(flaw, pointer=mention.pointer))])


@dataclass
class _Known:
    """What the store and the file have."""

    connection: AsyncConnection
    spool: Spool
    _suggested: dict[Target, str | None] = field(default_factory=dict)
    _slugs: dict[str, list[str]] = field(default_factory=dict)

    async def missing(self, targets: set[Target]) -> set[Target]:
        """The targets that are in neither."""
        for kind in {kind for kind, _ in targets}:
            inside = self.spool.having(kind, {slug for its, slug in targets if its == kind})
            targets = targets - {(kind, slug) for slug in inside}
        return targets - set(await resolve(self.connection, targets))

    async def unknown(self, target: Target) -> Flaw:
        """The flaw of a target that never was, without its place, with what may have been meant."""
        kind, slug = target
        if target not in self._suggested and len(self._suggested) < _SUGGESTED:
            close = await aside(nearest, slug, await self._of(kind), limit=1)
            self._suggested[target] = close[0] if close else None
        return never_was(target, self._suggested.get(target))

    async def _of(self, kind: str) -> list[str]:
        if kind not in self._slugs:
            query = select(registry.c.slug).where(registry.c.type == kind, registry.c.retracted.is_(False))
            stored = await self.connection.scalars(query.limit(_CANDIDATES))
            self._slugs[kind] = [*stored, *self.spool.some(kind, _CANDIDATES)]
        return self._slugs[kind]
