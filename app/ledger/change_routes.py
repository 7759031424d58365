"""The routes of the feed of changes: a page at a time, and as server-sent events."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field
from starlette.types import Receive, Scope, Send

from app.ledger.change_stream import Watch, events
from app.ledger.changes import feed
from app.ledger.history import FieldChanged, Recording
from app.ledger.openapi import problems
from app.ledger.unchanged import UNCHANGED, tagged, unless_unchanged
from app.models.ledger import ResourceType
from app.shared.asking import described, parameters_of
from app.shared.http import JSON
from app.shared.json import dumps
from app.shared.model import Model
from app.shared.negotiation import json_only
from app.shared.reading import Reads, next_of, same_question

MAX_POSITION: Final = 2**53 - 1
"""The largest integer that every reader of JSON holds exactly (RFC 8259, section 6)."""
# Nginx would hold events back to fill its buffer.
_STREAMED: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
router = APIRouter(prefix="/v1/changes", tags=["changes"])


class RecordNamed(Model):
    """A record, and where it is."""

    type: ResourceType = Field(description="The resource.", examples=["companies"])
    slug: str = Field(description="The public id.", examples=["openai"])
    url: str = Field(description="The address of the record.", examples=["/v1/companies/openai"])


class ChangeShown(Recording):
    """What happened to a record."""

    position: int = Field(description="Its place among all changes: they count from 1 with no gap.", examples=[57])
    record: RecordNamed = Field(description="The record that it happened to.")
    version: int = Field(description="The version that it made; where there is none after it, the one that it ended.")
    before: dict[str, Any] | None = Field(description="The record before, as it was shown; null where there was none.")
    after: dict[str, Any] | None = Field(description="The record after, as it was shown; null where there is none.")
    changes: list[FieldChanged] = Field(description="The fields that differ between the two.")


class ChangesShown(Model):
    """A page of changes, the oldest first."""

    data: list[ChangeShown] = Field(description="The changes.")
    next: str | None = Field(description="The address of the next page, null where there is no more now.")
    after: int = Field(description="The position to ask from next; ask again from here when next is null.")


class _Types(Model):
    model_config = ConfigDict(extra="forbid")

    types: list[ResourceType] = Field(
        [], description="Only changes of this resource; given twice, of either.", examples=[["contracts"]]
    )


class ChangesQuestion(_Types):
    """A question about changes."""

    after: int = Field(
        0, ge=0, le=MAX_POSITION, description="Only changes past this position: the last that you have.", examples=[57]
    )
    limit: int = Field(50, ge=1, le=1_000, description="How many changes a page has at most.", examples=[50])


class StreamQuestion(_Types):
    """A question about changes to come."""

    after: int | None = Field(
        None,
        ge=0,
        le=MAX_POSITION,
        description="First the changes past this position; only those from now on by default.",
        examples=[57],
    )


_Asked = Annotated[ChangesQuestion, Depends(parameters_of(ChangesQuestion))]
_Awaited = Annotated[StreamQuestion, Depends(parameters_of(StreamQuestion))]
_Last = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID",
        ge=0,
        le=MAX_POSITION,
        description="The id of the last event that you have, as browsers send it to reconnect; it wins over after.",
        examples=[57],
    ),
]


# OpenAPI 3.1 has no word for a stream: as tools have it, the schema is that of one event.
_EVENT: Final = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "The position of the change, for Last-Event-ID."},
        "event": {"type": "string", "description": "What happened."},
        "data": {
            "type": "string",
            "description": "The change, as the list of changes shows it.",
            "contentMediaType": JSON,
            "contentSchema": {"$ref": "#/components/schemas/ChangeShown"},
        },
    },
    "required": ["id", "event", "data"],
}
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Changes as they are committed.", "content": {"text/event-stream": {"schema": _EVENT}}}
}


class EventStream(StreamingResponse):
    """Server-sent events (WHATWG HTML, section 9.2)."""

    media_type = "text/event-stream"
    watch: Watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the client is gone or the server stops (ASGI)."""
        with self.watch.streaming():
            await super().__call__(scope, receive, send)


@router.get(
    "",
    summary="What changed",
    responses={200: {"model": ChangesShown}} | UNCHANGED | problems(400, 406, 503),
    openapi_extra=described(ChangesQuestion),
    response_class=Response,
    dependencies=[Depends(json_only), Depends(unless_unchanged)],
)
async def list_changes(request: Request, reads: Reads, question: _Asked) -> Response:
    """List what happened to which record after a position, in the order in which it was committed, with no gap."""
    found = await feed(reads, question.after, question.limit, question.types)
    following = same_question(request, after=str(found.after)) if found.more else None
    body = dumps({"data": found.data, "next": following, "after": found.after})
    return tagged(request, Response(body, media_type=JSON, headers=next_of(following)), found.revision)


@router.get(
    "/stream",
    summary="What changes from now on",
    responses=_EVENTS | problems(400, 503),
    openapi_extra=described(StreamQuestion),
    response_class=EventStream,
)
async def stream_changes(request: Request, question: _Awaited, last: _Last = None) -> EventStream:
    """Send each change as an event when it was committed, and first those after a position that is given."""
    watch: Watch = request.app.state.watch
    after = question.after if last is None else last
    start = await watch.newest() if after is None else after
    watch.check_room(request.app.state.settings.max_streams)
    stream = EventStream(events(watch, start, question.types), headers=_STREAMED)
    stream.watch = watch
    return stream
