"""From what is asked of an export to what is read out: which records, at which revision, in which format."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from pydantic import ConfigDict, Field
from sqlalchemy import select

from app.ledger.filters import filters_of
from app.ledger.listing import PAGING, Question, read_question
from app.ledger.repository import revision_by
from app.ledger.resource import Resource
from app.ledger.showing import SHOWING
from app.models.ledger import ResourceType, store
from app.shared.database import Database
from app.shared.errors import BadRequest, Flaw, unknown
from app.shared.fields import Instant
from app.shared.forms import RECORD, SLUG
from app.shared.model import Model
from app.transfer.export import Export, matching
from app.transfer.export_formats import OF_ONE, Format
from app.transfer.parquet import refuse_where_absent
from app.transfer.resources import BY_TYPE, IN_ORDER

# An unknown resource is refused with the nearest that there is, which a pattern could not say.
_RECORD: Final = Field(pattern=RECORD, json_schema_extra={"pattern": f"^({'|'.join(BY_TYPE)})/{SLUG[1:]}"})


class ExportQuestion(Model):
    """What to read out."""

    model_config = ConfigDict(extra="forbid")

    resource: ResourceType | None = Field(
        None,
        description="Only the records of one resource; the filters of its list then narrow them as they narrow that.",
        examples=["contracts"],
    )
    format: Format | None = Field(
        None,
        description="NDJSON that imports back; CSV or Parquet of one resource; FollowTheMoney entities. It wins over "
        "Accept, by which it is NDJSON where nothing else is liked better.",
        examples=["ndjson"],
    )
    known_at: Instant | None = Field(
        None, description="The records as this store knew them then (RFC 3339).", examples=["2026-11-23T12:00:00Z"]
    )
    revision: int | None = Field(
        None,
        ge=0,
        le=2**63 - 1,
        description="The records as they were at a revision, as Dealgraph-Revision named it.",
        examples=[1],
    )
    after: Annotated[str, _RECORD] | None = Field(
        None,
        description="Go on after this record: its type and slug, as the last whole line of an export names them.",
        examples=["companies/openai"],
    )


Pairs = Sequence[tuple[str, str]]


def read_filters(asked: ExportQuestion, pairs: Pairs) -> Question | None:
    """The filters among the parameters of an export, None where there are none. Raises BadRequest, naming strangers."""
    if not pairs:
        return None
    names = list(dict.fromkeys(name for name, _ in pairs))
    strangers = names if asked.resource is None else [name for name in names if name in (*PAGING, *SHOWING)]
    if strangers:
        raise BadRequest(f"an export is not narrowed by {', '.join(strangers)}", *map(_stranger, strangers))
    return read_question(BY_TYPE[asked.resource or ""], pairs)


def _stranger(name: str) -> Flaw:
    """What is wrong with a parameter that an export does not take: it may be a filter of one resource."""
    if filtered := [one.type for one in IN_ORDER if name in filters_of(one)]:
        detail = f"{name} narrows an export of one resource: add resource=, one of {', '.join(filtered)}"
        return Flaw(detail, parameter=name, suggestion=f"resource={filtered[0]}" if len(filtered) == 1 else None)
    return unknown("parameter", name[:120], ExportQuestion.model_fields, name)


async def export_of(database: Database, asked: ExportQuestion, filters: Question | None) -> Export:
    """What to read out. Raises BadRequest for parameters that contradict each other or the store."""
    _check(asked, filters)
    resources, after = _left(asked)
    if filters:
        revision, ids = await matching(database, filters, after)
        if asked.revision not in {None, revision}:
            flaw = Flaw(f"filters see what is current, which is revision {revision} now", parameter="revision")
            raise BadRequest("the export has to begin anew", flaw)
        return Export(revision, resources, ids=ids)
    return Export(await _revision(database, asked), resources, after)


def _left(asked: ExportQuestion) -> tuple[list[Resource], str]:
    """The resources that are left to read out, and the slug after which the first of them goes on."""
    resources = [BY_TYPE[asked.resource]] if asked.resource else list(IN_ORDER)
    if asked.after is None:
        return resources, ""
    kind, _, slug = asked.after.partition("/")
    if kind not in BY_TYPE:
        raise BadRequest("the export cannot go on there", unknown("resource", kind, BY_TYPE, "after"))
    if BY_TYPE[kind] not in resources:
        flaw = Flaw(f"the export is of {asked.resource}: none of it comes after {asked.after!r}", parameter="after")
        raise BadRequest("the export cannot go on there", flaw)
    return resources[resources.index(BY_TYPE[kind]) :], slug


def _check(asked: ExportQuestion, filters: Question | None) -> None:
    if asked.format == "parquet":
        refuse_where_absent()
    if asked.format in OF_ONE and asked.resource is None:
        flaw = Flaw(f"{asked.format} has the columns of one resource: name it", parameter="resource")
        raise BadRequest("an export in this format is of one resource", flaw)
    if asked.known_at and asked.revision is not None:
        flaw = Flaw("leave it out: known_at says the same in another way", parameter="revision")
        raise BadRequest("an export shows one state of the store", flaw)
    if asked.known_at and filters:
        flaw = Flaw("filters see what is current: leave it out, or them", parameter="known_at")
        raise BadRequest("an export of the past cannot be filtered", flaw)


async def _revision(database: Database, asked: ExportQuestion) -> int:
    newest: int = await database.scalar(select(store.c.revision), {})
    if asked.known_at:
        return await _known_by(database, asked.known_at)
    if asked.revision is not None and asked.revision > newest:
        flaw = Flaw(f"the store is at revision {newest}", parameter="revision", suggestion=str(newest))
        raise BadRequest("there is no such revision yet", flaw)
    return newest if asked.revision is None else asked.revision


async def _known_by(database: Database, instant: datetime) -> int:
    found: int | None = await database.scalar(revision_by(instant), {})
    return found or 0
