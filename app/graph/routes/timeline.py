"""Dated facts in order."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.graph.routes.common import answers, named, reply
from app.graph.schemas.figures import TimelineShown
from app.graph.schemas.questions import Day, TimeQuestion
from app.graph.store.root import find_revision
from app.graph.store.timeline import DatedFact, Position, dated_facts
from app.ledger.cursor import decode, encode, refused
from app.shared.asking import described, parameters_of
from app.shared.errors import BadRequest, Flaw
from app.shared.reading import Reads, same_question

router = APIRouter()


class TimelineQuestion(BaseModel):
    """A question about what was when."""

    model_config = ConfigDict(extra="forbid")

    company: list[str] = Field(
        [], description="Only facts that name this company; given twice, either.", examples=[["openai"]]
    )
    from_: Day | None = Field(
        None, alias="from", description="Only facts that may fall on this day or later.", examples=["2025-01-01"]
    )
    to: Day | None = Field(
        None, description="Only facts that may fall on this day or earlier.", examples=["2025-12-31"]
    )
    limit: int = Field(50, ge=1, le=1_000, description="How many facts a page has at most.", examples=[50])
    cursor: str | None = Field(
        None, description="Where the page starts: taken from the next of the page before.", examples=[""]
    )


@router.get(
    "/timeline",
    summary="Dated facts in order",
    responses=answers(TimelineShown),
    response_class=Response,
    openapi_extra=described(TimelineQuestion),
)
async def timeline(
    request: Request, reads: Reads, question: Annotated[TimelineQuestion, Depends(parameters_of(TimelineQuestion))]
) -> Response:
    """Show dated facts in the order of the first day that each may mean."""
    if question.from_ and question.to and question.from_ > question.to:
        raise BadRequest("the span is empty", Flaw("from is later than to", parameter="from"))
    now = TimeQuestion()
    roots = [await named(reads, slug, now, "company") for slug in question.company]
    before = roots[0].revision if roots else await find_revision(reads)
    companies = [root.id for root in roots]
    identity = f"timeline {sorted(companies)} {question.from_} {question.to}"
    after = _position(identity, question.cursor) if question.cursor else None
    facts = await dated_facts(reads, companies, (question.from_, question.to), after, question.limit)
    shown, following = facts[: question.limit], None
    if len(facts) > question.limit:
        last = shown[-1]
        following = same_question(request, cursor=encode(identity, [last.earliest, last.type, last.slug, last.field]))
    # The facts do not say at which revision they were read.
    same = before == await find_revision(reads)
    return reply(request, {"data": [_fact(fact) for fact in shown], "next": following}, before.newest if same else None)


def _position(identity: str, cursor: str) -> Position:
    """Where the page before ended. Raises BadRequest for what no page ends at."""
    earliest, *names = decode(identity, cursor, len(Position._fields))
    if not isinstance(earliest, date) or not all(isinstance(name, str) for name in names):
        raise refused("does not fit the order of the timeline")
    return Position(earliest, *names)


def _fact(fact: DatedFact) -> dict[str, Any]:
    return {
        "date": fact.text,
        "earliest": fact.earliest,
        "latest": fact.latest,
        "field": fact.field,
        "title": _title(fact),
        "stage": fact.document.get("stage"),
        "record": {"type": fact.type, "slug": fact.slug, "url": f"/v1/{fact.type}/{fact.slug}"},
        "citations": fact.document["citations"],
    }


def _title(fact: DatedFact) -> str:
    """What a record is called; a fleet and a metric by what they say."""
    document = fact.document
    if fact.type == "fleets":
        return f"Data centers of {document['operator']}"
    if fact.type == "metrics":
        with_whom = f" with {document['counterparty']}" if document["counterparty"] else ""
        return f"{document['name']} of {document['company']}{with_whom}: {document['value']['text']}"
    return str(document["title"])
