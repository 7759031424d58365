"""Random stores: few companies and few records, told in several revisions that correct each other."""

from random import Random
from typing import Any

from tests.factories import citation, company, contract, event, fleet, investment, metric, source
from tests.graph.deals import Records

Told = dict[str, Records]

COMPANIES = [f"c{number}" for number in range(8)]
DAYS = [None, "2023", "2023-Q4", "2024-01", "2024-03-10", "2024-06~", "2024", "2025-02-28", "2025"]
AS_OF = ["2022-12-31", "2024-03-01", "2025-06-01"]
STAGES = ["rumoured", "intended", "announced", "signed", "active", "completed", "terminated", "superseded"]
KINDS = ["compute", "compute", "hardware", "technology", "energy", "partnership"]


def random_history(seed: int, revisions: int = 3) -> list[Told]:
    """What is told in each revision: every record in the first, some of them anew in the others."""
    chance = Random(seed)  # noqa: S311 - the same each time
    return [_everything(chance), *(_some(chance, _everything(chance)) for _ in range(revisions - 1))]


def _some(chance: Random, told: Told) -> Told:
    return {name: [record for record in records if chance.random() < 0.5] for name, records in told.items()}


def _everything(chance: Random) -> Told:
    return {
        "sources": [source(slug=f"s{n}", published_on=chance.choice(DAYS)) for n in range(3)],
        "companies": [_company(chance, slug) for slug in COMPANIES],
        "contracts": [_contract(chance, f"k{n}") for n in range(14)],
        "investments": [_investment(chance, f"i{n}") for n in range(8)],
        "fleets": [_fleet(chance, n) for n in range(5)],
        "metrics": [_metric(chance, f"m{n}") for n in range(10)],
        "events": [event(slug="e0", companies=[], date=chance.choice(DAYS), citations=_citations(chance))],
    }


def _company(chance: Random, slug: str) -> dict[str, Any]:
    name = f"{slug.title()} {chance.choice(['Inc', 'Ltd', '{0} & <Co>', 'AG'])}"
    parent = chance.choice([None, None, None, *COMPANIES])
    # Nobody owns its owner.
    return company(slug, name=name, parent=parent if parent and parent < slug else None)


def _contract(chance: Random, slug: str) -> dict[str, Any]:
    kind = chance.choice(KINDS)
    roles = ["venture", "member", "member", "customer"] if kind == "partnership" else ["customer", "supplier"]
    roles += ["guarantor", "supplier"] if kind == "energy" else []
    parties = [
        {"company": name, "role": role} for name, role in zip(chance.sample(COMPANIES, len(roles)), roles, strict=True)
    ]
    stated = {
        "kind": kind,
        "parties": parties,
        "value": _amount(chance),
        "announced_on": chance.choice(DAYS),
        "term_months": chance.choice([None, None, 6, 24]),
    }
    return contract(slug=slug, stage=chance.choice(STAGES), citations=_citations(chance), **stated)


def _investment(chance: Random, slug: str) -> dict[str, Any]:
    investee, *investors = chance.sample(COMPANIES, chance.choice([2, 2, 3]))
    in_kind = chance.random() < 0.3
    stated = {
        "investee": investee,
        "investors": investors,
        "instrument": "shares_in_kind" if in_kind else "cash",
        "contract": f"k{chance.randrange(14)}" if in_kind else None,
        "amount": _amount(chance),
        "stake": chance.choice([None, _percent(chance)]),
        "closed_on": chance.choice(DAYS),
    }
    return investment(slug=slug, stage=chance.choice(STAGES), citations=_citations(chance), **stated)


def _fleet(chance: Random, number: int) -> dict[str, Any]:
    operator, vendor, user = chance.sample(COMPANIES, 3)
    count = {"qualifier": chance.choice(["exact", "more_than"]), "amount": chance.randrange(1, 900), "unit": "gpu"}
    stated = {
        "operator": operator,
        "users": [user],
        "hardware": [{"vendor": vendor, "product": "chips", "quantity": count}],
        "accelerators": count,
        "as_of": chance.choice(DAYS),
        "supersedes": f"f{number - 1}" if number and chance.random() < 0.5 else None,
    }
    return fleet(slug=f"f{number}", stage=chance.choice(STAGES), citations=_citations(chance), **stated)


def _metric(chance: Random, slug: str) -> dict[str, Any]:
    measured, counterparty = chance.sample(COMPANIES, 2)
    name = chance.choice(["revenue", "revenue", "revenue_share", "compute_share"])
    share = name.endswith("share")
    stated = {
        "company": measured,
        "counterparty": counterparty if share else None,
        "name": name,
        "period": chance.choice(["2023", "2024"]),
        "value": _percent(chance) if share else {"qualifier": "exact", "amount": chance.randrange(99), "unit": "USD"},
    }
    return metric(slug=slug, citations=_citations(chance), **stated)


def _amount(chance: Random) -> dict[str, Any] | None:
    qualifier = chance.choice(["exact", "at_least", "up_to", "approximately"])
    money = {"qualifier": qualifier, "amount": chance.randrange(1, 10**6), "unit": chance.choice(["USD", "USD", "EUR"])}
    return chance.choice([None, {"qualifier": "undisclosed", "unit": "USD"}, money, money, money])


def _percent(chance: Random) -> dict[str, Any]:
    return {"qualifier": "exact", "amount": chance.randrange(1, 60), "unit": "percent"}


def _citations(chance: Random) -> Records:
    evidence, cited = ["confirmed", "reported", "rumoured"], chance.sample(range(3), chance.choice([1, 2]))
    return [citation(source=f"s{n}", evidence=chance.choice(evidence)) for n in cited]
