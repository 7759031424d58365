"""Webhooks and their deliveries, as they are sent to us and as we show them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from app.ledger.schemas import Part, Title
from app.models.ledger import ResourceType
from app.shared.model import Model

Url = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
State = Literal["due", "given_up"]
Position = Annotated[int, Field(ge=1, lt=2**63)]
_URL = "Where to send changes: an https address on the public internet."
_TYPES = "The resources whose changes are sent; all of them where the list is empty."
_DESCRIPTION = "What it is for."
_EXAMPLE = "https://dashboards.example.com/dealgraph"


def _each_once(types: list[ResourceType]) -> list[ResourceType]:
    return list(dict.fromkeys(types))


Types = Annotated[list[ResourceType], AfterValidator(_each_once)]


class NewWebhook(Part):
    """A webhook to be made."""

    url: Url = Field(description=_URL, examples=[_EXAMPLE])
    types: Types = Field([], description=_TYPES, examples=[["contracts", "investments"]])
    description: Title | None = Field(None, description=_DESCRIPTION, examples=["the deals dashboard"])


class StatedWebhook(NewWebhook):
    """What of a webhook can be changed."""

    active: bool = Field(
        default=True,
        strict=True,
        description="Whether it is sent to; changes wait for one that is not.",
        examples=[False],
    )


class Redelivery(Part):
    """Which of the deliveries that were given up to try again."""

    positions: list[Position] | None = Field(
        None,
        max_length=1_000,
        description="The positions of the changes; all where it is left out.",
        examples=[[120, 121]],
    )


class Webhook(Model):
    """A webhook."""

    id: str = Field(description="The id of the webhook.", examples=["wh_3f9a4c1be2d07a65"])
    url: str = Field(description=_URL, examples=[_EXAMPLE])
    types: list[ResourceType] = Field(description=_TYPES)
    description: str | None = Field(description=_DESCRIPTION)
    active: bool = Field(description="Whether it is sent to; changes wait for one that is not.")
    created_at: datetime = Field(description="When it was made (RFC 3339).", examples=["2025-03-13T09:00:00Z"])
    position: int = Field(description="The last change that was looked at for it.", examples=[120])
    former_secret_until: datetime | None = Field(
        description="Until when the secret before the last rotation signs too (RFC 3339); null where none does."
    )


class WebhookWithSecret(Webhook):
    """A webhook with the secret that signs what it is sent."""

    secret: str | None = Field(
        description="Shown this once; null where the same Idempotency-Key asks again.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="],
    )


class Webhooks(Model):
    """All webhooks, the oldest first."""

    data: list[Webhook]
    next: str | None = Field(description="Always null: the list comes whole.")


class Delivery(Model):
    """A change that has not been delivered."""

    position: int = Field(description="The position of the change in /v1/changes.", examples=[120])
    attempts: int = Field(description="How often it was sent.", examples=[10])
    due_at: datetime | None = Field(description="When it is sent next (RFC 3339); null where it was given up.")
    given_up_at: datetime | None = Field(description="When it was given up (RFC 3339); null where it is due.")
    last_status: int | None = Field(
        description="The status of the last reply; null where there was none.", examples=[500]
    )
    last_error: str | None = Field(
        description="Why there was no reply to the last attempt.", examples=["ConnectTimeout"]
    )


class Deliveries(Model):
    """A page of deliveries, in the order of the changes."""

    data: list[Delivery]
    next: str | None = Field(description="The address of the next page, null on the last.")


class DeliveriesQuestion(Model):
    """Which deliveries to list."""

    model_config = ConfigDict(extra="forbid")

    state: State | None = Field(
        None, description="Only those that are due, or only those that were given up.", examples=["given_up"]
    )
    after: int = Field(0, ge=0, lt=2**63, description="Only those of changes after this position.", examples=[120])
    limit: int = Field(50, ge=1, le=1_000, description="How many a page has at most.", examples=[50])


class Redelivered(Model):
    """How many deliveries are due again."""

    due: int = Field(description="How many that were given up are due again.", examples=[2])
