"""Dated facts in order."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.graph.question import Revision
from app.graph.render import timeline as drawn_timeline
from app.graph.routes.common import PROBLEMS, named
from app.graph.schemas.figures import TimelineShown
from app.graph.schemas.questions import MAX_COMPANIES, Day, DrawnQuestion, TimeQuestion
from app.graph.shapes import DRAWN_TYPES, ok, respond_as
from app.graph.store.root import find_revision
from app.graph.store.timeline import DatedFact, Position, dated_facts
from app.graph.tables import TIMELINE
from app.ledger.cursor import decode, encode, refused
from app.ledger.expanding import names_of
from app.projection.titles import named_title, titled_by
from app.shared.asking import described, parameters_of
from app.shared.errors import BadRequest, Flaw
from app.shared.negotiation import negotiated
from app.shared.reading import Reads, next_of, same_question

router = APIRouter()


class TimelineQuestion(DrawnQuestion):
    """A question about what was when."""

    company: list[str] = Field(
        [],
        max_length=MAX_COMPANIES,
        description="Only facts that name this company; given twice, either.",
        examples=[["openai"]],
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
    responses=ok(TimelineShown, DRAWN_TYPES) | PROBLEMS,
    response_class=Response,
    openapi_extra=described(TimelineQuestion),
)
async def timeline(
    request: Request, reads: Reads, question: Annotated[TimelineQuestion, Depends(parameters_of(TimelineQuestion))]
) -> Response:
    """Show dated facts in the order of the first day that each may mean."""
    if question.from_ and question.to and question.from_ > question.to:
        raise BadRequest("the span is empty", Flaw("from is later than to", parameter="from"))
    shape, now = negotiated(request, question.format, DRAWN_TYPES), TimeQuestion()
    roots = [await named(request, reads, slug, now, "company") for slug in dict.fromkeys(question.company)]
    before = roots[0].revision if roots else await find_revision(reads)
    companies = [root.id for root in roots]
    identity = f"timeline {sorted(companies)} {question.from_} {question.to}"
    after = await _position(reads, identity, question.cursor) if question.cursor else None
    facts = await dated_facts(reads, companies, (question.from_, question.to), after, question.limit)
    shown, following = facts[: question.limit], None
    if len(facts) > question.limit:
        last = shown[-1]
        cursor = await encode(reads, identity, [last.earliest, last.type, last.slug, last.field])
        following = same_question(request, cursor=cursor)
    names = await _names(reads, shown, before)
    content = {"data": [_fact(fact, names) for fact in shown], "next": following}
    # The facts do not say at which revision they were read.
    revision = before.newest if before == await find_revision(reads) else None
    about, numbers = " and ".join(root.node.name for root in roots), same_question(request, format="json")
    ends = (("from", question.from_), ("to", question.to))
    span = [f"{name} {day.isoformat()}" for name, day in ends if day]
    draw = partial(drawn_timeline.render, content, about, narrowed=span, link=numbers, width=question.width)
    write = partial(TIMELINE.write, content)
    reply = await respond_as(shape, request, revision, content, csv=write, svg=draw)
    reply.headers.update(next_of(following))
    return reply


async def _position(reads: Reads, identity: str, cursor: str) -> Position:
    """Where the page before ended. Raises BadRequest for what no page ends at."""
    earliest, *names = await decode(reads, identity, cursor, len(Position._fields))
    if not isinstance(earliest, date) or not all(isinstance(name, str) for name in names):
        raise refused("does not fit the order of the timeline")
    return Position(earliest, *names)


async def _names(reads: Reads, facts: Iterable[DatedFact], at: Revision) -> dict[str, str]:
    """The names of the companies that titles of facts are made of."""
    return await names_of(reads, (slug for fact in facts for slug in titled_by(fact.type, fact.document)), at.newest)


def _fact(fact: DatedFact, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "date": fact.text,
        "earliest": fact.earliest,
        "latest": fact.latest,
        "field": fact.field,
        "title": named_title(fact.type, fact.document, names),
        "stage": fact.document.get("stage"),
        "record": {"type": fact.type, "slug": fact.slug, "url": f"/v1/{fact.type}/{fact.slug}"},
        "citations": fact.document["citations"],
    }
