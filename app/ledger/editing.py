"""What a request may do to a record: create, replace, patch, retract, restore. Each is the work of one transaction."""

from typing import Any, Final

from fastapi import Request
from sqlalchemy import select

from app.ledger.idempotency import Reply
from app.ledger.merge_patch import merged
from app.ledger.odd_names import warning_of
from app.ledger.preconditions import check, etag
from app.ledger.repository import missing
from app.ledger.resource import Resource
from app.ledger.schemas import DERIVED, Record
from app.ledger.transaction import Known, Refused, Transaction
from app.ledger.validating import record_of
from app.models.ledger import records, versions
from app.shared.errors import Conflict, Flaw, Moved, Unprocessable, pointer_to
from app.shared.json import loads_own
from app.shared.reading import address
from app.shared.slug import MAX_SLUG

_NUMBERS: Final = range(2, 1_000)
"""What a slug that was made from a record may end in where others have it."""


async def create(write: Transaction, resource: Resource, record: Record, *, named: bool) -> Reply:
    """Record something new: 201. Raises Conflict (409) where the slug is taken, which a ``named`` record insists on."""
    known = await write.known(resource, [record.slug])
    if known and named:
        raise await _taken(write, resource, known[record.slug], record.slug)
    if known:
        record = record.model_copy(update={"slug": await _free(write, resource, record.slug)})
    return await _put(write, resource, record, 201)


async def replace(write: Transaction, request: Request, resource: Resource, record: Record) -> Reply:
    """Let a record of this slug be as it is stated: 201 where there was none or it was retracted, 200 otherwise."""
    current = await _current(write, resource, record.slug)
    if current is None and isinstance(why := await _missing(write, request, resource, record.slug), Moved):
        raise why
    check(request, current.version if current else None, needed=True)
    return await _put(write, resource, record, 200 if current else 201)


async def patch(write: Transaction, request: Request, resource: Resource, slug: str, changes: dict[str, Any]) -> Reply:
    """Change a record by a merge patch of what is shown (RFC 7396): 200."""
    current, document = await _there(write, request, resource, slug)
    check(request, current.version, needed=True)
    after = merged(loads_own(document), changes)
    refuse_other_slug(after.get("slug"), slug)
    # What a merge patch takes away need not be there, but has to be a field: a slip would do nothing, without a word.
    record = record_of(resource, after | {name: None for name in changes if name not in resource.shown_fields})
    reply = await _put(write, resource, record, 200)
    _refuse_unheeded(resource, record, changes, reply.body)
    return reply


async def retract(write: Transaction, request: Request, resource: Resource, slug: str) -> Reply:
    """Take a record back: 204. Raises Conflict (409), naming them, while others refer to it."""
    current, _ = await _there(write, request, resource, slug)
    check(request, current.version, needed=True)
    try:
        await write.retract(resource, slug)
    except Refused as refused:
        flaws = (flaw for _, flaw in refused.flaws)
        raise Conflict(f"{slug!r} cannot be retracted while other records refer to it", *flaws) from None
    return Reply(204)


async def restore(write: Transaction, request: Request, resource: Resource, slug: str) -> Reply:
    """Bring the last version of a retracted record back as the next one: 200. Raises Conflict (409) for others."""
    known = (await write.known(resource, [slug])).get(slug)
    if known is None or await _was_merged(write, known):
        raise await _missing(write, request, resource, slug)
    if known.document is not None:
        raise Conflict(f"{slug!r} is not retracted: there is nothing to restore")
    check(request, None, needed=False)
    last = select(versions.c.document).where(versions.c.record_id == known.id, versions.c.version == known.version)
    document = await write.connection.scalar(last)
    return await _put(write, resource, record_of(resource, loads_own(document or "{}")), 200)


def refuse_other_slug(stated: object, slug: str) -> None:
    """Raise Unprocessable (422) for a slug in a body that is not the one in the path."""
    if stated != slug:
        flaw = Flaw("the slug of a record does not change: leave it out", pointer="/slug", suggestion=slug)
        raise Unprocessable(f"the slug in the body is not the one in the path, {slug!r}", flaw)


def _refuse_unheeded(resource: Resource, record: Record, changes: dict[str, Any], shown: str) -> None:
    """Raise Unprocessable (422) for a patched field of which citations say otherwise: it is their word that counts."""
    stated, now = loads_own(resource.document(record, 0, "")), loads_own(shown)
    unheeded = [field for field in changes if field not in DERIVED and stated[field] != now[field]]
    if unheeded:
        detail = (
            "its citations assert another value: change what they assert, or name in preferred which of them counts"
        )
        flaws = (Flaw(detail, pointer=pointer_to([field])) for field in unheeded)
        raise Unprocessable("a field shows what its citations assert of it", *flaws)


async def _put(write: Transaction, resource: Resource, record: Record, status: int) -> Reply:
    await write.put(resource, [record])
    now = (await write.known(resource, [record.slug]))[record.slug]
    headers = [("ETag", etag(now.version)), *warning_of(record)]
    if status == 201:  # noqa: PLR2004 - HTTP's own number
        headers.append(("Location", f"/v1/{resource.type}/{record.slug}"))
    return Reply(status, now.document or "", tuple(headers))


async def _current(write: Transaction, resource: Resource, slug: str) -> Known | None:
    """The record as it is now, None where there is none or it was retracted."""
    known = (await write.known(resource, [slug])).get(slug)
    return known if known and known.document else None


async def _there(write: Transaction, request: Request, resource: Resource, slug: str) -> tuple[Known, str]:
    """The current record and its document. Raises what says where it is instead: 308, 404 or 410."""
    known = await _current(write, resource, slug)
    if known is None or known.document is None:
        raise await _missing(write, request, resource, slug)
    return known, known.document


async def _missing(write: Transaction, request: Request, resource: Resource, slug: str) -> Exception:
    return await missing(write.connection, resource.type, slug, address(request))


async def _was_merged(write: Transaction, known: Known) -> bool:
    into = select(records.c.merged_into_id).where(records.c.id == known.id)
    return await write.connection.scalar(into) is not None


async def _taken(write: Transaction, resource: Resource, known: Known, slug: str) -> Conflict:
    if known.document is not None:
        state = "is a record already: change it with PUT or PATCH"
    elif await _was_merged(write, known):
        state = "was merged into another record, and still leads there"
    else:
        state = "was retracted: restore it, or PUT it anew"
    flaw = Flaw(f"{slug!r} {state}", pointer="/slug")
    return Conflict(f"{slug!r} {state}", flaw, existing=f"/v1/{resource.type}/{slug}")


async def _free(write: Transaction, resource: Resource, slug: str) -> str:
    """The slug with the lowest number behind it that nothing has or had."""
    numbered = [f"{slug[: MAX_SLUG - len(str(number)) - 1].rstrip('-')}-{number}" for number in _NUMBERS]
    known = await write.known(resource, numbered)
    free = next((one for one in numbered if one not in known), None)
    if free is None:
        raise Conflict(f"{slug!r} and all numbers behind it are taken: give a slug", Flaw("give one", pointer="/slug"))
    return free
