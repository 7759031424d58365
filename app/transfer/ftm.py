"""Records as FollowTheMoney entities (followthemoney.tech), the model of investigators' tools.

Only what is stated is said: an amount that is not exact, or is shared by several, stands in words; a date that is
approximate is left out, and of a quarter only the year is said. Fleets and metrics have no schema there.

An id is ``dealgraph--companies--openai``. A slug has no two hyphens in a row, so that no two records share one.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

Record = Mapping[str, Any]
Entity = dict[str, Any]

_IDENTIFIERS: Final = {"lei": "leiCode", "wikidata": "wikidataId"}
_OF_COMPANIES: Final = _IDENTIFIERS | {"isin": "isinCode", "ticker": "ticker", "cik": "cikCode"}
_WIKIDATA: Final = re.compile("Q[1-9][0-9]*")
_DAY: Final = re.compile("[0-9]{4}(-[0-9]{2}){0,2}")
_QUARTER: Final = re.compile("([0-9]{4})-Q[1-4]")
_REAL: Final = frozenset({"active", "completed"})
"""The stages of what has happened: what was only announced is no ownership and no payment yet."""
_PUBLIC: Final = "government"


def entities_of(kind: str, record: Record, public: Collection[str] = ()) -> Iterator[Entity]:
    """The entities that a record of a resource is; ``public`` are the companies that are bodies of a government."""
    maker = _MAKERS.get(kind)
    if maker:
        yield from maker(record, public)


def _company(record: Record, _public: Collection[str]) -> Iterator[Entity]:
    schema = "PublicBody" if record["kind"] == _PUBLIC else "Company"
    its, parent = _id("companies", record["slug"]), record["parent"] and _id("companies", record["parent"])
    yield _entity(
        its,
        schema,
        record,
        name=record["name"],
        alias=record["aliases"],
        classification=_words(record["kind"]),
        country=(record["country"] or "").lower(),
        website=record["website"],
        description=record["description"],
        parent=parent if schema == "PublicBody" else None,
        **_identifiers(record["identifiers"], schema),
    )
    if parent and schema == "Company":
        yield _entity(f"{its}--parent", "Ownership", record, owner=parent, asset=its)


def _identifiers(identifiers: list[dict[str, str]], schema: str) -> dict[str, list[str]]:
    names = _OF_COMPANIES if schema == "Company" else _IDENTIFIERS
    found: dict[str, list[str]] = {}
    for one in identifiers:
        scheme, value = one["scheme"], one["value"]
        if scheme in names and (scheme != "wikidata" or _WIKIDATA.fullmatch(value)):
            found.setdefault(names[scheme], []).append(value)
    return found


def _contract(record: Record, _public: Collection[str]) -> Iterator[Entity]:
    its = _id("contracts", record["slug"])
    customers = [party["company"] for party in record["parties"] if party["role"] == "customer"]
    yield _entity(
        its,
        "Contract",
        record,
        title=record["title"],
        type=_words(record["kind"]),
        status=_words(record["stage"]),
        contractDate=_date(record["signed_on"]),
        authority=[_id("companies", slug) for slug in customers],
        description=record["description"],
        notes=[record["conditions"], _in_words(record["value"], alone=True)],
        **_money(record["value"]),
    )
    for position, party in enumerate(record["parties"]):
        about = {
            "status": _words(record["stage"]),
            "startDate": _date(record["starts_on"]),
            "endDate": _date(record["ends_on"]),
        }
        company, its_id = _id("companies", party["company"]), f"{its}--parties--{position}"
        if party["role"] == "supplier":
            yield _entity(its_id, "ContractAward", record, contract=its, supplier=company, **about)
        elif party["role"] != "customer":
            yield _entity(its_id, "UnknownLink", record, subject=company, object=its, role=party["role"], **about)


def _investment(record: Record, public: Collection[str]) -> Iterator[Entity]:
    investee, alone = _id("companies", record["investee"]), len(record["investors"]) == 1
    amount = _money(record["amount"]) if alone else {}
    words = [record["conditions"], _in_words(record["amount"], alone=alone), _in_words(record["stake"], alone=alone)]
    for position, slug in enumerate(record["investors"]):
        investor, its = _id("companies", slug), f"{_id('investments', record['slug'])}--investors--{position}"
        about = {"summary": record["title"], "description": words, "startDate": _date(record["closed_on"])}
        match _fits(record, public):
            case "Ownership":
                share = _exactly(record["stake"]) if alone else None
                more = {"owner": investor, "asset": investee, "percentage": share, "status": _words(record["stage"])}
            case "Payment":
                contract = record["contract"] and _id("contracts", record["contract"])
                more = {"payer": investor, "beneficiary": investee, "contract": contract, **amount}
            case "Debt":
                more = {"debtor": investee, "creditor": investor, **amount}
            case _:
                role, stage = f"investor: {_words(record['instrument'])}", _words(record["stage"])
                more = {"subject": investor, "object": investee, "role": role, "status": stage}
        yield _entity(its, _fits(record, public), record, **about, **more)


def _fits(record: Record, public: Collection[str]) -> str:
    """The schema of an investment: a link that says no more than that there is one, unless more is certain."""
    if record["stage"] not in _REAL:
        return "UnknownLink"
    if record["instrument"] in {"equity", "acquisition"}:
        # Only an asset can be owned, which a public body is not.
        return "UnknownLink" if record["investee"] in public else "Ownership"
    return {"cash": "Payment", "debt": "Debt"}.get(record["instrument"], "UnknownLink")


def _event(record: Record, _public: Collection[str]) -> Iterator[Entity]:
    involved = [_id("companies", one["company"]) for one in record["companies"]]
    yield _entity(
        _id("events", record["slug"]),
        "Event",
        record,
        name=record["title"],
        summary=record["summary"],
        date=_date(record["date"]),
        keywords=_words(record["kind"]),
        involved=involved,
    )


def _source(record: Record, _public: Collection[str]) -> Iterator[Entity]:
    yield _entity(
        _id("sources", record["slug"]),
        "Article" if record["kind"] in {"news", "press_release"} else "Document",
        record,
        title=record["title"],
        publisher=record["publisher"],
        author=record["author"],
        publishedAt=_date(record["published_on"]),
        retrievedAt=_date(record["accessed_on"]),
        sourceUrl=record["url"],
    )


_MAKERS: Final[dict[str, Callable[[Record, Collection[str]], Iterator[Entity]]]] = {
    "sources": _source,
    "companies": _company,
    "contracts": _contract,
    "investments": _investment,
    "events": _event,
}


def _entity(its: str, schema: str, record: Record, **properties: Any) -> Entity:  # noqa: ANN401 - texts, or lists of them
    """An entity with those properties that have a value, and with the sources that prove it."""
    cited = [_id("sources", one["source"]) for one in record["citations"]]
    # A source may cite itself, which nothing there may.
    proof = [one for one in cited if one != its]
    listed = {
        name: value if isinstance(value, list) else [value] for name, value in (properties | {"proof": proof}).items()
    }
    stated = {name: list(dict.fromkeys(value for value in values if value)) for name, values in listed.items()}
    return {"id": its, "schema": schema, "properties": {name: values for name, values in stated.items() if values}}


def _id(kind: str, slug: str) -> str:
    return f"dealgraph--{kind}--{slug}"


def _words(term: str) -> str:
    return term.replace("_", " ")


def _date(text: str | None) -> str | None:
    """A date as ISO 8601 writes it, no finer than it is known."""
    if text is None:
        return None
    quarter = _QUARTER.fullmatch(text)
    return quarter[1] if quarter else text if _DAY.fullmatch(text) else None


def _exactly(quantity: Record | None) -> str | None:
    if quantity and quantity["qualifier"] == "exact" and not quantity["approximate"]:
        return str(quantity["amount"])
    return None


def _money(quantity: Record | None) -> dict[str, str]:
    amount = _exactly(quantity)
    return {"amount": amount, "currency": quantity["unit"]} if quantity and amount else {}


def _in_words(quantity: Record | None, *, alone: bool) -> str | None:
    """What a quantity says, unless it is exact and of one alone, so that a number says it."""
    return None if quantity is None or (alone and _exactly(quantity)) else str(quantity["text"])
