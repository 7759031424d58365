"""Identifiers of companies in public schemes: only one company may have each, however it is written."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.rows import Row
from app.models.companies import companies
from app.models.search import name_keys
from app.projection.names import identifier_form, identifier_key
from app.shared.among import any_of
from app.shared.chunks import in_chunks
from app.shared.errors import Flaw

_CHUNK: Final = 1_000
# The names that are looked up have a form for every way of writing, and an index on it.
_HOLDERS: Final = (
    select(name_keys.c.scheme, name_keys.c.value, companies.c.id, companies.c.slug)
    .join(companies, companies.c.id == name_keys.c.company_id)
    .where(name_keys.c.inside == bindparam("inside"), name_keys.c.what == "identifier", any_of(name_keys.c.key, "keys"))
)

Form = tuple[str, str]


class _Holder(NamedTuple):
    id: int
    named: str
    value: str


async def taken(connection: AsyncConnection, rows: Sequence[Row], written: Collection[int]) -> list[tuple[int, Flaw]]:
    """The rows of identifiers that another company has, in the store or among them: owner and flaw.

    ``written`` are the ids of the companies that are written anew: what the store says of them is over.
    """
    holders, found = await _holders(connection, rows, written), list[tuple[int, Flaw]]()
    stated = set[tuple[int, str, str]]()
    for row in rows:
        owner, scheme, value = row["owner_id"], row["scheme"], row["value"]
        holder = holders.setdefault(_form(scheme, value), _Holder(owner, "another record of the same import", value))
        # One company may have it written in two ways, as a merge of two may leave it.
        if holder.id != owner or (owner, scheme, value) in stated:
            found.append((owner, _flaw(row, holder)))
        stated.add((owner, scheme, value))
    return found


async def _holders(connection: AsyncConnection, rows: Sequence[Row], written: Collection[int]) -> dict[Form, _Holder]:
    keys = sorted({identifier_key(row["scheme"], row["value"]) for row in rows})
    found: dict[Form, _Holder] = {}
    for some in in_chunks(keys, _CHUNK):
        for scheme, value, id_, slug in await connection.execute(_HOLDERS, {"inside": False, "keys": some}):
            if id_ not in written:
                found[_form(scheme, value)] = _Holder(id_, repr(slug), value)
    return found


def _form(scheme: str, value: str) -> Form:
    # What has no letter and no digit is only itself.
    return scheme, identifier_form(scheme, value) or value


def _flaw(row: Row, holder: _Holder) -> Flaw:
    also = "" if holder.value == row["value"] else f", as {holder.value}"
    detail = f"{row['scheme']} {row['value']} belongs to {holder.named}{also}"
    return Flaw(detail, pointer=f"/identifiers/{row['position']}")
