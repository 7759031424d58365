"""A store to look at: a company with 60 neighbours, sources that disagree, a correction, and names meant to do harm."""

from typing import Any, Final

from app.shared.database import Database
from tests.factories import citation, company, contract, one_of_each, put, source

NEIGHBOURS: Final = 60
MARKUP: Final = '<img src=x onerror="alert(1)">"\'&{{ 7*7 }}'
"""A name that would be an element, end an attribute, or be worked out by a template."""
_KINDS: Final = ("compute", "hardware", "technology", "energy", "colocation", "other")
_COMPANY_KINDS: Final = ("cloud_provider", "chip_vendor", "software", "energy", "other", "joint_venture")


def _dollars(amount: int, qualifier: str = "exact") -> dict[str, Any]:
    return {"qualifier": qualifier, "amount": amount, "unit": "USD"}


def hub() -> dict[str, list[dict[str, Any]]]:
    """A company that buys of 60 others, a few of which hang on one another."""
    names = [f"supplier-{number:02}" for number in range(NEIGHBOURS)]
    bought = [_bought("hub", name, number) for number, name in enumerate(names)]
    among = [_bought(names[number], names[number + 1], number) for number in range(0, NEIGHBOURS, 6)]
    kinds = [_COMPANY_KINDS[number % len(_COMPANY_KINDS)] for number in range(NEIGHBOURS)]
    suppliers = [company(name, kind=kind) for name, kind in zip(names, kinds, strict=True)]
    return {
        "companies": [company("hub", name="Hub Cloud", kind="cloud_provider"), *suppliers],
        "contracts": bought + among,
    }


def _bought(customer: str, supplier: str, number: int) -> dict[str, Any]:
    value = _dollars((number + 1) * 50_000_000, ("exact", "more_than", "up_to")[number % 3]) if number % 4 else None
    return contract(
        slug=f"{customer}-{supplier}",
        title=f"{customer.title()} buys of {supplier.title()}",
        kind=_KINDS[number % len(_KINDS)],
        parties=[{"company": customer, "role": "customer"}, {"company": supplier, "role": "supplier"}],
        value=value,
        stage=("signed", "announced", "active", "intended")[number % 4],
        signed_on=f"20{20 + number % 6}-0{1 + number % 9}-10",
    )


def hostile() -> dict[str, list[dict[str, Any]]]:
    """Records whose every text is markup; the source that they cite has no address but one that runs a script."""
    cited = citation(source="hostile", claim=MARKUP, excerpt=MARKUP, locator="javascript:alert(1)")
    parties = [{"company": "evil", "role": "customer"}, {"company": "openai", "role": "supplier"}]
    texts = {"conditions": MARKUP, "description": "javascript:alert(1)", "products": [MARKUP]}
    return {
        "sources": [source(slug="hostile", title=MARKUP, publisher=MARKUP, author=MARKUP)],
        "companies": [
            company("evil", name=MARKUP, aliases=["javascript:alert(1)"], description=MARKUP, citations=[cited])
        ],
        "contracts": [contract(slug="evil-deal", title=MARKUP, parties=parties, citations=[cited], **texts)],
    }


def disputed() -> dict[str, Any]:
    """A contract of whose value two sources say different things."""
    older = citation(source="older", locator="page 1", claim="It is 5 million.", asserts={"value": _dollars(5_000_000)})
    newer = citation(source="newer", claim="It is more.", asserts={"value": _dollars(7_000_000, "at_least")})
    return contract(value=_dollars(5_000_000), citations=[older, newer])


async def settle(store: Database) -> None:
    """Put it all into a store; the disputed contract was told otherwise before."""
    sources = [
        source(),
        source(slug="older", published_on="2025-03-10"),
        source(slug="newer", published_on="2025-03-14"),
    ]
    await put(store, **one_of_each() | {"sources": sources})
    await put(store, contracts=[disputed()])
    for records in (hub(), hostile()):
        await put(store, **records)
