"""Rows of Epoch AI's data on data centers: what one says of a data center, and what another says of it on a day."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.search.matching import Asked
from app.transfer.adapters.cells import coordinates, day, number, parts, quantity
from app.transfer.adapters.companies import Companies
from app.transfer.adapters.drafts import Fields
from app.transfer.adapters.outcomes import Skipped
from app.transfer.adapters.tables import Row

HANDLE: Final = "Handle"
_BESIDE: Final = {
    "Project": "the project",
    "Investors": "as investors",
    "Construction companies": "as builders",
    "Energy companies": "as energy companies",
    "Address": "the address",
}
CENTER_USED: Final = (
    *(HANDLE, "Latitude", "Longitude", "Owner", "Users", "Current H100 equivalents", "Current power (MW)"),
    *_BESIDE,
)
MOMENT_USED: Final = (
    *("Date", "Data center", "Construction status"),
    *("Power (MW)", "H100 equivalents", "Buildings operational"),
)
_TAGGED: Final = re.compile(r"(.*?)\s*#(\w+)")
_CONFIDENCE: Final = {"confident": "high", "likely": "medium", "speculative": "low", "": "medium"}


@dataclass(frozen=True, slots=True)
class Named:
    """A company that a cell names, and the tag that says how sure that is."""

    asked: Asked
    tag: str

    def citation(self, locator: str, claim: str) -> Fields:
        """What the cell says, as a citation without its source; a tag that is not known is as good as speculative."""
        confidence = _CONFIDENCE.get(self.tag, "low")
        how = f" ({self.tag})" if self.tag else ""
        return {
            "locator": locator,
            "claim": f"Epoch AI names {self.asked.name}{how} {claim}",
            "evidence": "rumoured" if confidence == "low" else "reported",
            "confidence": confidence,
        }


@dataclass(frozen=True, slots=True)
class Center:
    """A data center: who runs and uses it, the fields that do not change, and what its row says of its size now."""

    handle: str
    owners: Sequence[Named]
    users: Sequence[Named]
    fields: Fields
    citations: Sequence[Fields]
    power: Decimal | None
    equivalents: Decimal | None

    @property
    def names(self) -> list[Asked]:
        """The companies that have to be known for a fleet."""
        return [self.owners[0].asked, *(user.asked for user in self.users)]


@dataclass(frozen=True, slots=True)
class Moment:
    """What a data center is, or is expected to be, on a day (``2025-07-22``)."""

    handle: str
    day: str
    power: Decimal | None
    equivalents: Decimal | None
    buildings: Decimal | None
    status: str

    @property
    def runs(self) -> bool:
        """Whether any of it is in operation."""
        return any((self.power, self.equivalents, self.buildings))

    @property
    def claim(self) -> str:
        """What the row says, in a sentence of our own."""
        sizes = ((self.power, "MW"), (self.equivalents, "H100 equivalents"), (self.buildings, "buildings in operation"))
        said = ", ".join(f"{value:,f} {unit}" for value, unit in sizes if value is not None)
        return f"Epoch AI's estimate for that day: {said or 'no figures'}."


def center_of(row: Row, companies: Companies) -> Center:
    """Read the row of a data center. Raises Skipped or ValueError, with the reason, for one that cannot be a fleet."""
    if not row[HANDLE]:
        raise Skipped("it has no name")
    owners, users = _named(row["Owner"], companies), _named(row["Users"], companies)
    if not owners:
        raise Skipped(f"{row['Owner']!r} is left out, as decided" if row["Owner"] else "no owner is named")
    place = coordinates(f"{row['Latitude']} {row['Longitude']}") or (None, None)
    fields: dict[str, Any] = {
        "sites": {"qualifier": "exact", "amount": 1, "unit": "site"},
        "latitude": place[0],
        "longitude": place[1],
    }
    return Center(
        row[HANDLE],
        owners,
        users,
        fields,
        list(_citations(row, owners, users)),
        number(row["Current power (MW)"]),
        number(row["Current H100 equivalents"]),
    )


def moment_of(row: Row, *, day_first: bool) -> Moment:
    """Read the row of a day. Raises ValueError, with the reason, for one that cannot be read."""
    return Moment(
        row["Data center"],
        day(row["Date"], day_first=day_first),
        number(row["Power (MW)"]),
        number(row["H100 equivalents"]),
        number(row["Buildings operational"]),
        row["Construction status"],
    )


def sizes(power: Decimal | None, equivalents: Decimal | None) -> Fields:
    """The fields of a fleet for what are estimates throughout."""
    return {
        "power": quantity(power, "MW", exact=False),
        "accelerators": quantity(equivalents and Decimal(round(equivalents)), "h100_equivalent", exact=False),
    }


def _named(cell: str, companies: Companies) -> list[Named]:
    matches = [(part, _TAGGED.fullmatch(part)) for part in parts(cell)]
    named = [Named(Asked(match[1] if match else part), match[2].lower() if match else "") for part, match in matches]
    return [one for one in named if not companies.left_out(one.asked.name)]


def _citations(row: Row, owners: Sequence[Named], users: Sequence[Named]) -> Iterator[Fields]:
    owner, *others = owners
    citation = owner.citation(row[HANDLE], " ".join(_said(row, others)))
    if others and citation["confidence"] == "high":
        # Which of several owners runs it is not said.
        citation["confidence"] = "medium"
    yield citation
    for user in users:
        yield user.citation(row[HANDLE], "as a user of it.")


def _said(row: Row, others: Sequence[Named]) -> Iterator[str]:
    yield "as the owner of this data center."
    if others:
        yield f"It names further owners, so that the first is taken to run it: {_listed(others)}."
    if beside := [f"{words} {_plainly(row[column])}" for column, words in _BESIDE.items() if row[column]]:
        yield f"It also gives {'; '.join(beside)}."


def _plainly(cell: str) -> str:
    """A cell on one line, its tags in brackets."""
    return re.sub(r"#(\w+)", r"(\1)", " ".join(cell.split()))


def _listed(named: Sequence[Named]) -> str:
    return ", ".join(f"{one.asked.name} ({one.tag})" if one.tag else one.asked.name for one in named)
