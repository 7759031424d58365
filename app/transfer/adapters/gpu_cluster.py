"""One row of Epoch AI's data on GPU clusters: what its cells say, in the fields of a fleet."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.search.matching import Asked
from app.transfer.adapters.cells import coordinates, country, is_rounded, number, parts, quantity, said_on
from app.transfer.adapters.companies import Companies
from app.transfer.adapters.drafts import Fields
from app.transfer.adapters.outcomes import Skipped
from app.transfer.adapters.tables import Row

STARTED: Final = "First Operational Date"
_CALCULATED: Final = "Calculated Power Capacity (MW)"
_REPORTED: Final = "Reported Power Capacity (MW)"
_ENDED: Final = "Decommissioned Date (if applicable)"
_SOURCES: Final = tuple(f"Source {place}" for place in range(1, 6))
_CHIPS: Final = (
    ("GPU Supplier (primary)", "Chip type (primary)", "Chip quantity (primary)"),
    ("GPU supplier (secondary)", "Chip type (secondary)", "Chip quantity (secondary)"),
)
_NOTES: Final = ("Note", "Certainty Note", "Hardware note")
USED: Final = (
    *("Name", "Status", "Certainty", "Owner", "Users", "Country", "Location", STARTED, f"{STARTED} Note", _ENDED),
    *(column for columns in _CHIPS for column in columns),
    *("Total number of AI chips", "H100 equivalents"),
    *(_CALCULATED, _REPORTED),
    *("Builds Upon", "Superseded by", "Possible Duplicate", "Possible Duplicate Of"),
    *_NOTES,
    *_SOURCES,
)
"""The columns that are read; a file that misses one of them is refused."""

_STAGES: Final = {"Existing": "active", "Planned": "intended", "Decommissioned": "terminated"}
_CONFIDENCE: Final = {"Confirmed": "high", "Likely": "medium", "Unlikely": "low"}
_NO_SUPPLIER: Final = frozenset({"", "Unknown", "Anonymized"})
_GPU_SUPPLIERS: Final = frozenset({"NVIDIA", "AMD"})
_HEDGED: Final = re.compile(
    r"estimat|rough|guess|unclear|unsure|uncertain|approx|assum|~|thousands"
    r"|at least|more than|\bover\b|up to|\bbound\b",
    re.IGNORECASE,
)
_DESCRIBED: Final = re.compile(
    r"\b(researchers|academia|academic|universities|industry|communit(y|ies)|companies|startups|agencies|clients?"
    r"|customers|healthcare|sector|scientists|undisclosed|governments?|primarily|public)\b"
    r"|^(taiwan )?cloud$|^(azure|aerospace|defense)$|^(scientific|biomedical|pharmaceutical|us civilian) research$",
    re.IGNORECASE,
)
_UNNAMED: Final = re.compile(r"[a-z]+( |$)")
"""A company's name may begin with a small letter, but then its first word has another sign in it, as xAI has."""


@dataclass(frozen=True, slots=True)
class Chips:
    """Chips of one supplier; ``quantity`` as a fleet has it."""

    supplier: Asked
    product: str | None
    quantity: Fields | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A row that can be read: the fields of a fleet, but for the companies, whose names stand apart.

    ``citation`` has no source yet. ``ended_on``: when it was decommissioned, where the row says so.
    """

    owners: Sequence[Asked]
    users: Sequence[Asked]
    chips: Sequence[Chips]
    fields: Fields
    citation: Fields
    ended_on: str | None


def cluster_of(row: Row, companies: Companies, *, day_first: bool) -> Cluster:
    """Read a row. Raises Skipped or ValueError, with the reason, for one that cannot be a fleet."""
    if not row["Name"]:
        raise Skipped("it has no name")
    owners, users = _owners(row, companies), _users(row, companies)
    place = coordinates(row["Location"]) or (None, None)
    fields = {
        "as_of": said_on(row[STARTED], row[f"{STARTED} Note"], day_first=day_first),
        "accelerators": _accelerators(row),
        "power": _power(row),
        "country": country(row["Country"]),
        "latitude": place[0],
        "longitude": place[1],
        "stage": _stage(row),
    }
    ended_on = said_on(row[_ENDED], "", day_first=day_first)
    chips = [one for one in _chips(row) if not companies.left_out(one.supplier.name)]
    return Cluster(
        [Asked(name) for name in owners],
        [Asked(name) for name in users],
        chips,
        fields,
        _citation(row, owners, users),
        ended_on,
    )


def _owners(row: Row, companies: Companies) -> list[str]:
    if not row["Owner"]:
        raise Skipped("no owner is named")
    named = [row["Owner"]] if companies.decided(row["Owner"]) else parts(row["Owner"])
    owners = [name for name in named if not companies.left_out(name)]
    if not owners:
        raise Skipped(f"{row['Owner']!r} is left out, as decided")
    return owners


def _users(row: Row, companies: Companies) -> list[str]:
    """The users that are companies. What a person decided to be one is one, whatever it looks like."""
    named = [name for name in parts(row["Users"]) if companies.decided(name) or not _describes(name)]
    return [name for name in named if not companies.left_out(name)]


def _describes(name: str) -> bool:
    """Whether a user is described, such as researchers in Europe, and not named."""
    return bool(_DESCRIBED.search(name) or _UNNAMED.match(name))


def _stage(row: Row) -> str:
    stage = _one_of(row, "Status", _STAGES)
    return "superseded" if row["Superseded by"] and stage == "active" else stage


def _one_of(row: Row, column: str, words: dict[str, str]) -> str:
    if row[column] not in words:
        raise Skipped(f"its {column.lower()} is {row[column]!r}: expected {', '.join(words)}")
    return words[row[column]]


def _plain(row: Row) -> bool:
    """Whether numbers were reported as they are: of something that stands, confirmed, and without a hedge beside it."""
    notes = " ".join(row[column] for column in _NOTES)
    return row["Certainty"] == "Confirmed" and row["Status"] != "Planned" and not _HEDGED.search(notes)


def _accelerators(row: Row) -> Fields | None:
    total, equivalents = number(row["Total number of AI chips"]), number(row["H100 equivalents"])
    if total is None:
        return quantity(equivalents and Decimal(round(equivalents)), "h100_equivalent", exact=False)
    named = [row[product] or row[supplier] for supplier, product, count in _CHIPS if row[product] or row[count]]
    return quantity(total, "gpu" if named and all(map(_is_gpu, named)) else "accelerator", exact=_plain(row))


def _is_gpu(product: str) -> bool:
    return product.partition(" ")[0] in _GPU_SUPPLIERS or product.startswith("Intel Data Center GPU")


def _power(row: Row) -> Fields | None:
    reported = number(row[_REPORTED])
    if reported is not None:
        return quantity(reported, "MW", exact=_plain(row))
    return quantity(number(row[_CALCULATED]), "MW", exact=False)


def _chips(row: Row) -> list[Chips]:
    found = []
    for supplier, product, count in _CHIPS:
        if row[supplier] not in _NO_SUPPLIER:
            # The supplier's name stands in front of most products, and beside them in the record.
            named = row[product].removeprefix(f"{row[supplier]} ") or None
            unit = "gpu" if _is_gpu(row[product] or row[supplier]) else "accelerator"
            found.append(Chips(Asked(row[supplier]), named, quantity(number(row[count]), unit, exact=_plain(row))))
    return found


def _citation(row: Row, owners: Sequence[str], users: Sequence[str]) -> Fields:
    confidence = _one_of(row, "Certainty", _CONFIDENCE)
    return {
        "locator": row["Name"],
        "claim": " ".join(_said(row, owners, users)),
        "excerpt": row["Note"] or None,
        "evidence": "rumoured" if confidence == "low" else "reported",
        # Which of several owners runs it is not said.
        "confidence": "medium" if confidence == "high" and len(owners) > 1 else confidence,
    }


def _said(row: Row, owners: Sequence[str], users: Sequence[str]) -> Iterator[str]:
    """What the row says, in sentences of our own: the certainty, and all that a fleet has no field for."""
    yield f"Epoch AI lists this cluster as {row['Status'].lower()} (certainty: {row['Certainty'].lower()})."
    if len(owners) > 1:
        yield f"It names several owners, of which the first is taken to run it: {', '.join(owners)}."
    if described := [name for name in parts(row["Users"]) if name not in users]:
        yield f"It also says of users: {', '.join(described)}."
    if row["Superseded by"]:
        yield f"It says that {row['Superseded by']} supersedes it."
    if row["Possible Duplicate"] or row["Possible Duplicate Of"]:
        yield f"It marks it as a possible duplicate of {row['Possible Duplicate Of'] or 'another'}."
    if row["Builds Upon"]:
        yield f"It says that this builds upon {row['Builds Upon']}."
    yield from _beside(row)


def _beside(row: Row) -> Iterator[str]:
    note = row[f"{STARTED} Note"]
    if note and note != row[STARTED]:
        yield f"On when it starts it says: {note}."
    if is_rounded(number(row[_REPORTED])):
        yield f"Of its power it says: {row[_REPORTED]} MW."
    if row[_REPORTED] and row[_CALCULATED]:
        yield f"From the chips it calculates {row[_CALCULATED]} MW."
    if row["Country"] and not country(row["Country"]):
        yield f"It gives the country as {row['Country']}."
    if row["Location"]:
        yield f"It gives the location as {' '.join(row['Location'].split())}."
    if unnamed := [row[product] for supplier, product, _ in _CHIPS if row[product] and row[supplier] in _NO_SUPPLIER]:
        yield f"It names chips without their supplier: {', '.join(unnamed)}."
    if addresses := list(dict.fromkeys(row[column] for column in _SOURCES if row[column])):
        yield f"Its sources: {', '.join(addresses)}"
