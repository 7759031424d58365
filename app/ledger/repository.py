"""Reads single records and their addresses, for all resources alike."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Exists, Select, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.nearest import nearest_slugs, never_was, suggestions
from app.ledger.references import ends_of
from app.models.access import merges
from app.models.companies import companies, company_aliases
from app.models.ledger import OPEN, records, revisions, store, versions
from app.models.search import name_keys
from app.projection.names import key_of
from app.shared.among import any_of
from app.shared.database import Database
from app.shared.errors import BadRequest, Flaw, Gone, Moved, NotFound
from app.shared.fields import rfc3339
from app.shared.slug import slugify


def revision_by(known_at: datetime | BindParameter[datetime]) -> Select[int]:
    """The newest revision that was recorded by an instant; null before the first."""
    return select(func.max(revisions.c.revision)).where(revisions.c.recorded_at <= known_at)


# Built once: putting a statement together costs as much as asking it.
_VERSIONS = versions.join(records, records.c.id == versions.c.record_id)
_ITS = (records.c.type == bindparam("resource")) & (records.c.slug == bindparam("slug"))
_BY_SLUG = select(records.c.slug, records.c.id, records.c.merged_into_id).where(
    records.c.type == bindparam("resource"), any_of(records.c.slug, "slugs")
)
_REVISION = select(store.c.revision).scalar_subquery().label("revision")
_DOCUMENTS = select(versions.c.document, _REVISION).select_from(_VERSIONS).where(_ITS)
_NEWEST = _DOCUMENTS.where(versions.c.to_revision == OPEN)
_KNOWN = revision_by(bindparam("known_at")).scalar_subquery()
_THEN = _DOCUMENTS.where(versions.c.from_revision <= _KNOWN, versions.c.to_revision > _KNOWN)


_CALLED = (
    select(companies.c.slug, name_keys.c.value)
    .join(name_keys, name_keys.c.company_id == companies.c.id)
    .where(name_keys.c.inside.is_(False), name_keys.c.key == bindparam("key"), name_keys.c.what != "identifier")
)


async def document(
    database: Database, resource: str, slug: str, known_at: datetime | None = None
) -> tuple[str, int] | None:
    """A record as the API shows it, in JSON, now or as it was known at an instant; None where there is none.

    With it comes the revision that the store was at when it was read.
    """
    values = {"resource": resource, "slug": slug}
    if known_at is None:
        row = await database.lookup(_NEWEST, values)
    else:
        row = next(iter(await database.rows(_THEN, values | {"known_at": known_at})), None)
    return None if row is None else (row[0], row[1])


async def document_at(
    connection: AsyncConnection, resource: str, slug: str, known_at: datetime | None = None
) -> tuple[str, int] | None:
    """The same by a connection, with the revision that it was read at: the newest, or that of an instant."""
    values = {"resource": resource, "slug": slug} | ({} if known_at is None else {"known_at": known_at})
    row = (await connection.execute(_document_at(past=known_at is not None), values)).first()
    return row and (row[0], row[1])


@cache
def _document_at(*, past: bool) -> Select[Any]:
    at = _KNOWN if past else select(store.c.revision).scalar_subquery()
    held = (versions.c.from_revision <= at) & (versions.c.to_revision > at)
    return select(versions.c.document, at).select_from(_VERSIONS).where(_ITS, held)


async def ids_of(connection: AsyncConnection, resource: str, slugs: Sequence[str], *, parameter: str) -> dict[str, int]:
    """The ids of records by their slugs. Raises BadRequest, with what may be meant, for one that does not exist."""
    rows = (await connection.execute(_BY_SLUG, {"resource": resource, "slugs": slugs})).all()
    found = {slug: id_ for slug, id_, _ in rows}
    missing = [slug for slug in dict.fromkeys(slugs) if slug not in found]
    if missing:
        targets = [(resource, slug) for slug in missing]
        meant = await suggestions(connection, targets)
        flaws = [replace(never_was(target, meant.get(target)), parameter=parameter) for target in targets]
        raise BadRequest(f"{parameter} names what does not exist", *flaws)
    if merged := [slug for slug, _, into in rows if into is not None]:
        flaws = [_other_name(slug, into, parameter) for slug, into in (await ends_of(connection, merged)).items()]
        raise BadRequest(f"{parameter} names what has another name now", *flaws)
    return found


def _other_name(slug: str, into: str, parameter: str) -> Flaw:
    return Flaw(f"{slug!r} was merged into {into!r}", parameter=parameter, suggestion=into)


async def missing(
    connection: AsyncConnection, resource: str, slug: str, address: str, known_at: datetime | None = None
) -> Exception:
    """Say why a slug has no record: it moved (308), it was retracted (410), or it never was (404, with the nearest).

    ``address`` is the path and query that was asked for, in which the canonical slug takes the place of ``slug``.
    """
    if resource == "companies" and (into := await merged_into(connection, slugify(slug), known_at)):
        return Moved(address.replace(f"/{resource}/{slug}", f"/{resource}/{into}", 1), into)
    if known_at and await connection.scalar(_exists(resource, slug)):
        return NotFound(f"{slug!r} was not known in {resource} at {rfc3339(known_at)}")
    meant = await _meant(connection, resource, slug) - {slug}
    if len(meant) == 1:
        (canonical,) = meant
        return Moved(address.replace(f"/{resource}/{slug}", f"/{resource}/{canonical}", 1), canonical)
    retracted = select(records.c.retracted).where(records.c.type == resource, records.c.slug == slug)
    if await connection.scalar(retracted):
        return Gone(f"{slug!r} was retracted", history=f"/v1/{resource}/{slug}/history")
    close = sorted(meant) or await nearest_slugs(connection, resource, slug)
    flaws = [Flaw(f"did you mean {near!r}?", suggestion=near) for near in close]
    return NotFound(f"there is no {slug[:120]!r} in {resource}", *flaws)


async def merged_into(connection: AsyncConnection, slug: str, known_at: datetime | None) -> str | None:
    """The company that another was merged into, now or as known at an instant: the last one of a chain of merges."""
    then = None if known_at is None else revision_by(known_at).scalar_subquery()
    its = (records.c.type == "companies") & (records.c.slug == slug)
    first = select(merges.c.into_id.label("id"), literal(1).label("step")).where(_held(then))
    chain = first.join(records, records.c.id == merges.c.from_id).where(its).cte(recursive=True)
    further = select(merges.c.into_id, chain.c.step + 1).join(chain, chain.c.id == merges.c.from_id).where(_held(then))
    chain = chain.union_all(further)
    last = select(records.c.slug).join(chain, chain.c.id == records.c.id).order_by(chain.c.step.desc()).limit(1)
    found: str | None = await connection.scalar(last)
    return found


def merged_by(revision: ColumnElement[int]) -> Exists:
    """Whether the record of a row was merged into another at a revision."""
    return select(merges.c.id).where(merges.c.from_id == records.c.id, _held(revision)).exists()


def _held(then: ColumnElement[int] | None) -> ColumnElement[bool]:
    """Whether a merge holds now, or held at a revision."""
    undone = merges.c.undone_revision
    return undone.is_(None) if then is None else (merges.c.revision <= then) & (undone.is_(None) | (undone > then))


def _exists(resource: str, slug: str) -> Select[int]:
    return select(records.c.id).where(records.c.type == resource, records.c.slug == slug)


async def _meant(connection: AsyncConnection, resource: str, slug: str) -> set[str]:
    """The slugs that are meant by another spelling of one, or by the name or an alias of a company."""
    key = slugify(slug)
    spelled = select(records.c.slug).where(
        records.c.type == resource, records.c.slug == key, records.c.retracted.is_(False)
    )
    found = set(await connection.scalars(spelled))
    if resource == "companies":
        named = select(companies.c.slug).join(company_aliases, company_aliases.c.owner_id == companies.c.id)
        found |= set(await connection.scalars(named.where(company_aliases.c.key == key, company_aliases.c.key != "")))
        # No column holds a name as a slug; the letters and digits of it are the same then.
        alike = await connection.execute(_CALLED, {"key": key_of(slug)})
        found |= {its for its, name in alike if slugify(name) == key}
    return found
