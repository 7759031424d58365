"""Two companies turn out to be one: what refers to the first is made to refer to the second, and can be put back.

`merge` and `unmerge` are each the work of one transaction (docs/merging.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from sqlalchemy import insert, select, update

from app.companies.joining import joined, parted
from app.companies.renaming import Renaming, Stated
from app.companies.repository import COMPANIES
from app.ledger.idempotency import Reply
from app.ledger.nearest import nearest_slugs
from app.ledger.preconditions import check
from app.ledger.references import into_of, referrers
from app.ledger.repository import missing
from app.ledger.resource import Resource, resource_of, stated
from app.ledger.schemas import Record
from app.ledger.transaction import Known, Refused, Transaction
from app.models.access import merges
from app.models.ledger import OPEN, Action, records, versions
from app.shared.chunks import in_chunks
from app.shared.errors import Conflict, Flaw, Unprocessable
from app.shared.json import dumps, loads_own
from app.shared.reading import address
from app.shared.reasons import detail_of

_CHUNK = 1_000

Statements = Sequence[tuple[Resource, Stated]]
Listed = list[dict[str, Any]]


async def merge(write: Transaction, request: Request, slug: str, into: str) -> Reply:
    """Let the company ``slug`` be the company ``into``: 200, with the records that were made to say so.

    Raises Conflict (409), naming the record and why, where one would not be valid then; nothing is merged then.
    """
    one, other = await _two(write, request, slug, into)
    naming = await _naming(write, one, other)
    await write.merge(COMPANIES, slug, one, other)
    told = [(resource, Renaming(resource, slug, into).apply(said)) for resource, said in naming]
    await _put(write, [(COMPANIES, joined(_of(other), await _last(write, one))), *told])
    moved = await _written(write)
    row = {"from_id": one.id, "into_id": other.id, "revision": write.revision, "moved": dumps(moved)}
    await write.connection.execute(insert(merges), row)
    return _reply({"merged": slug, "into": into, "revision": write.revision, "moved": moved})


async def unmerge(write: Transaction, request: Request, slug: str) -> Reply:
    """Take a merge back: 200, with the records that were restored, and those that are not there any more.

    A record that has not changed since says again what it said before. In one that has, the company is named again
    where the merge put the other in its place and that still stands. Raises Conflict (409) where nothing is merged.
    """
    one, into = await _merged(write, request, slug)
    open_merge = (merges.c.from_id == one.id) & merges.c.undone_revision.is_(None)
    revision = await write.connection.scalar(select(merges.c.revision).where(open_merge))
    told, left = await _before(write, revision or 0, slug, into)
    await _put(write, [(COMPANIES, await _last(write, one)), *told], "unmerged")
    await write.connection.execute(update(merges).where(open_merge).values(undone_revision=write.revision))
    restored = await _written(write)
    return _reply({"unmerged": slug, "from": into, "revision": write.revision, "restored": restored, "left": left})


async def _two(write: Transaction, request: Request, slug: str, into: str) -> tuple[Known, Known]:
    """The two companies of a merge, both current. Raises what says why they cannot be merged."""
    known = await write.known(COMPANIES, [slug, into])
    one, other = known.get(slug), known.get(into)
    if one is None or (one.document is None and one.merged_into is None):
        raise await missing(write.connection, "companies", slug, address(request))
    if one.document is None:
        raise Conflict(f"{slug!r} was merged into {await _into(write, slug)!r} already")
    check(request, one.version, needed=True)
    if slug == into:
        raise _cannot(Unprocessable, f"{slug!r} cannot be merged into itself")
    if other is None:
        close = await nearest_slugs(write.connection, "companies", into)
        raise _cannot(Unprocessable, f"there is no {into!r} in companies", close[0] if close else None)
    if other.merged_into is not None:
        end = await _into(write, into)
        raise _cannot(Conflict, f"{into!r} was merged into {end!r}: name that instead", end)
    if other.document is None:
        raise _cannot(Conflict, f"{into!r} was retracted: restore it first")
    return one, other


def _cannot(kind: type[Conflict | Unprocessable], detail: str, suggestion: str | None = None) -> Exception:
    return kind(detail, Flaw(detail, pointer="/into", suggestion=suggestion))


async def _merged(write: Transaction, request: Request, slug: str) -> tuple[Known, str]:
    """A merged company, and the current one that it was merged into. Raises what says why that cannot be undone."""
    one = (await write.known(COMPANIES, [slug])).get(slug)
    if one is None or (one.document is None and one.merged_into is None):
        raise await missing(write.connection, "companies", slug, address(request))
    check(request, None if one.document is None else one.version, needed=False)
    if one.merged_into is None:
        raise Conflict(f"{slug!r} is not merged into another company: there is nothing to take back")
    into = await _into(write, slug)
    if (await write.known(COMPANIES, [into]))[into].document is None:
        raise Conflict(f"{into!r}, into which {slug!r} was merged, was merged or retracted since: take that back first")
    return one, into


async def _into(write: Transaction, slug: str) -> str:
    return (await into_of(write.connection, [slug]))[slug]


async def _naming(write: Transaction, one: Known, other: Known) -> list[tuple[Resource, Stated]]:
    """What the current records state that refer to a company, without the one that it is to be merged into."""
    ids = [found.id for found in await referrers(write.connection, COMPANIES, one.id) if found.id != other.id]
    query = (
        select(records.c.type, versions.c.document)
        .join(versions, versions.c.record_id == records.c.id)
        .where(versions.c.to_revision == OPEN)
        .order_by(records.c.id)
    )
    found: list[tuple[Resource, Stated]] = []
    for some in in_chunks(ids, _CHUNK):
        rows = await write.connection.execute(query.where(records.c.id.in_(some)))
        found += [(resource_of(kind), stated(loads_own(text))) for kind, text in rows]
    return found


async def _before(
    write: Transaction, revision: int, slug: str, into: str
) -> tuple[list[tuple[Resource, Stated]], Listed]:
    """What the records that a merge changed are to state without it, and those of them that were retracted since."""
    was, made, now = versions.alias(), versions.alias(), versions.alias()
    query = (
        select(records.c.type, records.c.slug, was.c.document, made.c.document, now.c.document)
        .join(made, made.c.record_id == records.c.id)
        .join(was, (was.c.record_id == made.c.record_id) & (was.c.to_revision == revision))
        .outerjoin(now, (now.c.record_id == made.c.record_id) & (now.c.to_revision == OPEN))
        .where(made.c.from_revision == revision)
        .order_by(records.c.type, records.c.slug)
    )
    told: list[tuple[Resource, Stated]] = []
    left: Listed = []
    for kind, name, *texts in await write.connection.execute(query):
        if texts[2] is None:
            left.append({"type": kind, "slug": name})
            continue
        resource = resource_of(kind)
        told.append((resource, _without_merge(Renaming(resource, slug, into), *(_read(text) for text in texts))))
    return told, left


def _without_merge(renaming: Renaming, was: Stated, made: Stated, now: Stated) -> Stated:
    if now == made:
        return was
    if renaming.resource is COMPANIES and now["slug"] == renaming.new:
        return parted(was, made, now)
    return renaming.take_back(was, made, now)


async def _put(write: Transaction, statements: Statements, action: Action | None = None) -> None:
    """Put what records are to state, companies first. Raises Conflict, naming the record, where one cannot be."""
    batches: dict[Resource, list[Record]] = {COMPANIES: []}
    for resource, said in statements:
        batches.setdefault(resource, []).append(_record(resource, said))
    for resource, batch in batches.items():
        try:
            await write.put(resource, batch, action)
        except Refused as refused:
            place = refused.flaws[0][0]
            flaws = [flaw.detail for at, flaw in refused.flaws if at == place]
            raise _not_valid(f"{resource.type}/{batch[place].slug}", flaws) from None


def _record(resource: Resource, said: Stated) -> Record:
    try:
        return resource.schema.model_validate(said)
    except ValidationError as error:
        raise _not_valid(f"{resource.type}/{said['slug']}", [detail_of(one) for one in error.errors()]) from None


def _not_valid(name: str, why: Iterable[str]) -> Conflict:
    flaws = [Flaw(f"{name}: {one}") for one in why]
    return Conflict(f"{name} could not be recorded then, so nothing is changed", *flaws)


async def _last(write: Transaction, one: Known) -> Stated:
    """What a company stated last."""
    query = select(versions.c.document).where(versions.c.record_id == one.id, versions.c.version == one.version)
    return _read(await write.connection.scalar(query) or "{}")


async def _written(write: Transaction) -> Listed:
    """The records of which this write made a version, with that."""
    query = (
        select(records.c.type, records.c.slug, versions.c.version)
        .join(versions, versions.c.record_id == records.c.id)
        .where(versions.c.from_revision == write.revision)
        .order_by(records.c.type, records.c.slug)
    )
    rows = await write.connection.execute(query)
    return [{"type": kind, "slug": slug, "version": version} for kind, slug, version in rows]


def _of(known: Known) -> Stated:
    return _read(known.document or "{}")


def _read(text: str) -> Stated:
    return stated(loads_own(text))


def _reply(content: Mapping[str, Any]) -> Reply:
    return Reply(200, dumps(content))
