"""The routes of webhooks; the gate lets only keys of scope admin through (docs/webhooks.md)."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from app.ledger.caller import caller_of
from app.ledger.merge_patch import merged
from app.ledger.openapi import problems
from app.ledger.openapi_writing import IDEMPOTENCY_KEY, json_body
from app.ledger.performing import Reply, perform
from app.ledger.transaction import Transaction
from app.ledger.validating import validated
from app.shared.asking import described, parameters_of
from app.shared.body import MERGE_PATCH, no_body, read_body, read_json
from app.shared.errors import Flaw, Unprocessable
from app.shared.http import JSON, no_parameters
from app.shared.json import dumps, loads_own
from app.shared.reading import Reads, next_of, same_question
from app.shared.settings import Settings
from app.webhooks import repository
from app.webhooks.addresses import is_known_private, read_url
from app.webhooks.schemas import (
    Deliveries,
    DeliveriesQuestion,
    NewWebhook,
    Redelivered,
    Redelivery,
    StatedWebhook,
    Webhook,
    Webhooks,
    WebhookWithSecret,
)
from app.webhooks.signing import new_secret

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

_ALWAYS: Final = (400, 401, 403, 503)
_WRITING: Final = (*_ALWAYS, 409, 413, 422, 429)
_STATED: Final = tuple(StatedWebhook.model_fields)
_NEW: Final = {
    "url": "https://dashboards.example.com/dealgraph",
    "types": ["contracts"],
    "description": "the dashboard",
}
_PATCH: Final = {
    "schema": {"type": "object", "description": "The fields of a webhook that change, and null for those that go."},
    "example": {"active": False},
}
_KEYED: Final = {"parameters": [IDEMPOTENCY_KEY]}
Found = dict[str, Any]
_Asked = Annotated[DeliveriesQuestion, Depends(parameters_of(DeliveriesQuestion))]
Id = Annotated[str, Path(description="The id of a webhook.", examples=["wh_3f9a4c1be2d07a65"])]


def _answers(model: type[BaseModel], *refusals: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    answer: dict[int | str, dict[str, Any]] = {status: {"model": model}}
    return answer | problems(*refusals)


@router.post(
    "",
    summary="Make a webhook",
    status_code=201,
    responses=_answers(WebhookWithSecret, *_WRITING, 415, status=201),
    openapi_extra=_KEYED | {"requestBody": json_body(NewWebhook, _NEW)},
    response_class=Response,
    dependencies=[Depends(no_parameters)],
)
async def create_webhook(request: Request) -> Response:
    """Send what changes from now on to an address; the reply shows the secret that signs it, this once."""
    wanted = validated(NewWebhook, await read_json(request), "the body is not a webhook")
    wanted.url = _receiver(request, wanted.url)
    secret, key_id = new_secret(), caller_of(request).key_id

    async def work(write: Transaction) -> Reply:
        made = await repository.create(write.connection, wanted, secret, position=write.position, key_id=key_id)
        return Reply(201, _unrevealed(made), (("Location", f"/v1/webhooks/{made['id']}"),))

    return _revealing(await perform(request, work), secret)


@router.get(
    "",
    summary="List webhooks",
    responses=_answers(Webhooks, *_ALWAYS),
    response_class=Response,
    dependencies=[Depends(no_parameters)],
)
async def list_webhooks(reads: Reads) -> Response:
    """List all webhooks, the oldest first, without their secrets."""
    return _json({"data": await repository.everyone(reads), "next": None})


@router.get(
    "/{webhook_id}",
    summary="Show a webhook",
    responses=_answers(Webhook, *_ALWAYS, 404),
    response_class=Response,
    dependencies=[Depends(no_parameters)],
)
async def get_webhook(reads: Reads, webhook_id: Id) -> Response:
    """Show a webhook, without its secret."""
    return _json(await repository.find(reads, webhook_id))


@router.patch(
    "/{webhook_id}",
    summary="Change a webhook",
    responses=_answers(Webhook, *_WRITING, 404, 415),
    openapi_extra=_KEYED | {"requestBody": {"required": True, "content": {MERGE_PATCH: _PATCH, JSON: _PATCH}}},
    response_class=Response,
    dependencies=[Depends(no_parameters)],
)
async def patch_webhook(request: Request, webhook_id: Id) -> Response:
    """Change the url, types or description of a webhook, or whether it is active: a merge patch (RFC 7396)."""
    patch = await read_json(request, (MERGE_PATCH, JSON))
    if not isinstance(patch, dict):
        raise Unprocessable("a merge patch of a webhook is an object: the fields to change, null for what goes")

    async def work(write: Transaction) -> Reply:
        found = await repository.find(write.connection, webhook_id)
        strangers = {name: None for name in patch if name not in _STATED}
        stated = merged({name: found[name] for name in _STATED}, patch) | strangers
        wanted = validated(StatedWebhook, stated, "the body does not make a webhook of it")
        if wanted.url != found["url"]:
            wanted.url = _receiver(request, wanted.url)
        return Reply(200, dumps(await repository.change(write.connection, webhook_id, wanted.model_dump())))

    return await perform(request, work)


@router.delete(
    "/{webhook_id}",
    summary="Delete a webhook",
    status_code=204,
    responses=problems(*_WRITING, 404),
    openapi_extra=_KEYED,
    response_class=Response,
    dependencies=[Depends(no_parameters), Depends(no_body)],
)
async def delete_webhook(request: Request, webhook_id: Id) -> Response:
    """Delete a webhook, and what is on its way to it."""

    async def work(write: Transaction) -> Reply:
        await repository.remove(write.connection, webhook_id)
        return Reply(204)

    return await perform(request, work)


@router.post(
    "/{webhook_id}/rotate",
    summary="Rotate the secret of a webhook",
    responses=_answers(WebhookWithSecret, *_WRITING, 404),
    openapi_extra=_KEYED,
    response_class=Response,
    dependencies=[Depends(no_parameters), Depends(no_body)],
)
async def rotate_webhook(request: Request, webhook_id: Id) -> Response:
    """Give a webhook a new secret, shown this once; the former one signs beside it for 24 hours."""
    secret = new_secret()

    async def work(write: Transaction) -> Reply:
        return Reply(200, _unrevealed(await repository.rotate(write.connection, webhook_id, secret)))

    return _revealing(await perform(request, work), secret)


@router.get(
    "/{webhook_id}/deliveries",
    summary="List what has not been delivered",
    responses=_answers(Deliveries, *_ALWAYS, 404),
    response_class=Response,
    openapi_extra=described(DeliveriesQuestion),
)
async def list_deliveries(
    request: Request,
    reads: Reads,
    webhook_id: Id,
    question: _Asked,
) -> Response:
    """List the deliveries of a webhook that are due or were given up, in the order of their changes."""
    found = await repository.undelivered(reads, webhook_id, question)
    page = found[: question.limit]
    following = same_question(request, after=str(page[-1]["position"])) if len(found) > len(page) else None
    reply = _json({"data": page, "next": following})
    reply.headers.update(next_of(following))
    return reply


@router.post(
    "/{webhook_id}/redeliver",
    summary="Try again what was given up",
    responses=_answers(Redelivered, *_WRITING, 404, 415),
    openapi_extra=_KEYED | {"requestBody": json_body(Redelivery, {"positions": [120]}) | {"required": False}},
    response_class=Response,
    dependencies=[Depends(no_parameters)],
)
async def redeliver(request: Request, webhook_id: Id) -> Response:
    """Make deliveries that were given up due again: all of them, or those of some positions."""
    stated = await read_json(request) if await read_body(request) else {}
    positions = validated(Redelivery, stated, "the body is not a list of positions").positions

    async def work(write: Transaction) -> Reply:
        return Reply(200, dumps({"due": await repository.redeliver(write.connection, webhook_id, positions)}))

    return await perform(request, work)


def _receiver(request: Request, text: str) -> str:
    """The URL of a receiver in its normal form. Raises Unprocessable for one that is known to be no good."""
    settings: Settings = request.app.state.settings
    try:
        url = read_url(text, http=settings.webhook_http)
    except ValueError as error:
        raise _no_receiver(str(error)) from None
    if is_known_private(url) and not settings.webhook_allow_private:
        raise _no_receiver("the URL leads to no address of the public internet, and nothing is sent elsewhere")
    return str(url)


def _no_receiver(why: str) -> Unprocessable:
    return Unprocessable("nothing can be sent to this URL", Flaw(why, pointer="/url"))


def _unrevealed(found: Found) -> str:
    """A webhook as the reply is kept for an Idempotency-Key: the secret is in the store once, and not there."""
    return dumps(found | {"secret": None})


def _revealing(reply: Response, secret: str) -> Response:
    """Put the secret into a reply, unless it was given before: what was kept of that has none."""
    if "Idempotency-Replayed" in reply.headers:
        return reply
    kept = {name: value for name, value in reply.headers.items() if name != "content-length"}
    content = dumps(loads_own(bytes(reply.body).decode()) | {"secret": secret})
    return Response(content, reply.status_code, kept | {"cache-control": "no-store"})


def _json(content: Found) -> Response:
    return Response(dumps(content), media_type=JSON)
