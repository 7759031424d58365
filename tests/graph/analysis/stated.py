"""Short ways to state edges, amounts and metrics, and the article's own as an example."""

from decimal import Decimal
from typing import Any, Literal, TypedDict, Unpack

from app.graph.analysis.model import Amount, Edge, Nature, Observation, RecordRef

CONTRACT = RecordRef("contracts", "openai-coreweave-2025")
IN_KIND = RecordRef("investments", "openai-in-coreweave-2025")
STARGATE = RecordRef("contracts", "stargate-2025")
SHARE_2024 = RecordRef("metrics", "coreweave-microsoft-share-2024")
REVENUE_2024 = RecordRef("metrics", "coreweave-revenue-2024")
REVENUE_2023 = RecordRef("metrics", "coreweave-revenue-2023")


class Fields(TypedDict, total=False):
    """What an edge may state beside its ends, kind and record."""

    stage: str
    amount: Amount | None
    share: Amount | None
    flow: Literal["along", "against"] | None
    nature: Nature | None
    part_of: RecordRef | None
    possible: bool


def amount(low: str | int | None, high: str | int | None, unit: str = "USD", text: str = "as stated") -> Amount:
    return Amount(None if low is None else Decimal(low), None if high is None else Decimal(high), unit, text)


def exactly(value: str | int, unit: str = "USD") -> Amount:
    return amount(value, value, unit, f"{value} {unit}")


def about(value: str | int, unit: str = "USD") -> Amount:
    return amount(None, None, unit, f"about {value} {unit}")


def bounds(figure: Amount | None) -> tuple[Any, Any]:
    """The low and the high bound, for comparison with plain numbers."""
    assert figure is not None
    return figure.low, figure.high


def edge(
    dependent: str, on: str, kind: str = "compute", record: str | RecordRef = "", **fields: Unpack[Fields]
) -> Edge:
    ref = record if isinstance(record, RecordRef) else RecordRef("contracts", record or f"{dependent}-{on}-{kind}")
    return Edge(dependent, on, kind, ref, "signed")._replace(**fields)


def invested(investee: str, investor: str, record: str, worth: Amount | None = None, **fields: Unpack[Fields]) -> Edge:
    stated = edge(investee, investor, "capital", RecordRef("investments", record), amount=worth, nature="money")
    return stated._replace(**fields)


def metric(name: str, period: str, value: Amount, record: RecordRef, counterparty: str | None = None) -> Observation:
    return Observation("coreweave", counterparty, name, period, value, record)


def article() -> list[Edge]:
    worth = exactly(11_900_000_000)
    return [
        edge("openai", "coreweave", "compute", CONTRACT, amount=worth, nature="money", flow="along"),
        edge("coreweave", "openai", "revenue", CONTRACT, amount=worth),
        edge(
            "coreweave",
            "openai",
            "capital",
            IN_KIND,
            amount=exactly(350_000_000),
            nature="equity",
            part_of=CONTRACT,
            stage="announced",
        ),
        invested("coreweave", "nvidia", "nvidia-in-coreweave"),
        edge("coreweave", "microsoft", "revenue", SHARE_2024, share=exactly(62, "percent"), stage="active"),
        edge("microsoft", "coreweave", "compute", nature="supply", stage="active"),
        edge(
            "coreweave",
            "nvidia",
            "hardware",
            RecordRef("fleets", "coreweave-2025"),
            amount=amount(250_000, None, "gpu", "more than 250,000 GPUs"),
            nature="supply",
            stage="active",
        ),
        edge("openai", "microsoft", "compute", nature="supply", stage="active"),
        edge("microsoft", "openai", "technology", nature="supply", stage="active"),
        invested("openai", "microsoft", "microsoft-in-openai-2023", amount(10_000_000_000, None), stage="completed"),
        edge("openai", "stargate", "compute", STARGATE, nature="supply", stage="announced"),
        *(
            edge("stargate", member, "partnership", STARGATE, stage="announced")
            for member in ("openai", "oracle", "softbank")
        ),
    ]


def article_metrics() -> list[Observation]:
    return [
        metric("revenue", "2024", exactly(1_900_000_000), REVENUE_2024),
        metric("revenue", "2023", exactly(228_900_000), REVENUE_2023),
        metric("revenue_share", "2024", exactly(62, "percent"), SHARE_2024, "microsoft"),
    ]
