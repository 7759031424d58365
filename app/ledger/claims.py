"""What sources say of the fields of a record, where they disagree, and whose word counts (docs/claims.md)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from app.ledger.schemas import Citation, Record
from app.models.sources import Confidence
from app.projection.rules import EVIDENCE_ORDER
from app.shared.errors import Flaw, nearest, pointer_to
from app.shared.partial_date import PartialDate
from app.shared.reasons import detail_of

Some = TypeVar("Some", bound=Record)
Rank = tuple[int, int, int, int, int]
Published = Mapping[str, PartialDate]
"""When sources were published, by their slugs; without those that do not say."""

NOT_ASSERTED: Final = frozenset({"slug", "citations", "preferred"})
"""The fields of a record that say nothing of the world, so that no source can assert them."""
_CONFIDENCE: Final[tuple[str, ...]] = get_args(Confidence)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one citation, at a position of its record, asserts of a field; the value as the field would hold it."""

    value: Any
    citation: Citation
    position: int
    published_on: PartialDate | None
    pinned: bool

    @property
    def rank(self) -> Rank:
        """The lowest is preferred: the pinned, the best evidence, the newest, the most trusted, the first cited."""
        return (
            not self.pinned,
            EVIDENCE_ORDER.index(self.citation.evidence),
            -self.published_on.latest.toordinal() if self.published_on else 0,
            _CONFIDENCE.index(self.citation.confidence),
            self.position,
        )


@dataclass(frozen=True, slots=True)
class FieldClaims:
    """All claims of one field, in the order of their citations."""

    field: str
    claims: Sequence[Claim]

    @property
    def preferred(self) -> Claim:
        """The claim that counts."""
        return min(self.claims, key=lambda claim: claim.rank)

    @property
    def disputed(self) -> bool:
        """Whether two claims differ."""
        return any(claim.value != self.claims[0].value for claim in self.claims)

    @property
    def why(self) -> str:
        """One sentence that says why the preferred claim is preferred."""
        best = self.preferred
        others = [claim for claim in self.claims if claim.value != best.value]
        if others:
            return _why(best, min(others, key=lambda claim: claim.rank))
        return "All sources that say anything of it agree." if len(self.claims) > 1 else "Nothing else is said of it."


def claims_of(record: Record, published: Published) -> list[FieldClaims]:
    """The claims of each field that a citation asserts, in the order of the schema; what is not valid is left out."""
    found: dict[str, list[Claim]] = {}
    for position, citation, field, value in _assertions(record):
        if not isinstance(value, Flaw):
            pinned = record.preferred.get(field) == citation.source
            claim = Claim(value, citation, position, published.get(citation.source), pinned)
            found.setdefault(field, []).append(claim)
    return [FieldClaims(field, found[field]) for field in type(record).model_fields if field in found]


def disputed(record: Record) -> list[str]:
    """The fields of which citations assert different values, by name."""
    return sorted(one.field for one in claims_of(record, {}) if one.disputed)


def settled(record: Some, published: Published) -> Some:
    """The record with the preferred value in each field that citations assert."""
    preferred = {one.field: one.preferred.value for one in claims_of(record, published)}
    wanted = {field: value for field, value in preferred.items() if getattr(record, field) != value}
    return record.model_copy(update=wanted) if wanted else record


def flaws_of(record: Record) -> list[Flaw]:
    """What is wrong with assertions and pins: a field that is not there, a value not valid for it, a pin to nothing."""
    wrong = [value for _, _, _, value in _assertions(record) if isinstance(value, Flaw)]
    said_by = {(field, citation.source) for citation in record.citations for field in citation.asserts}
    for field, source in record.preferred.items():
        at = pointer_to(("preferred", field))
        if strange := _no_such_field(record, field, at):
            wrong.append(strange)
        elif (field, source) not in said_by:
            sources = sorted(one for name, one in said_by if name == field)
            close = nearest(source, sources, limit=1) or sources
            detail = f"no citation of {source!r} asserts {field}"
            wrong.append(Flaw(detail, pointer=at, suggestion=close[0] if close else None))
    return wrong


def _assertions(record: Record) -> Iterator[tuple[int, Citation, str, Any]]:
    """Each assertion with its value as its field would hold it, or the flaw where it cannot."""
    for position, citation in enumerate(record.citations):
        for field, value in citation.asserts.items():
            yield position, citation, field, _read(record, position, field, value)


def _read(record: Record, position: int, field: str, value: Any) -> Any:  # noqa: ANN401 - whatever was asserted
    at = pointer_to(("citations", position, "asserts", field))
    if strange := _no_such_field(record, field, at):
        return strange
    try:
        return _type_of(type(record), field).validate_python(value)
    except ValidationError as error:
        problem = error.errors()[0]
        inside = ".".join(map(str, problem["loc"]))
        return Flaw(f"{inside}: {detail_of(problem)}" if inside else detail_of(problem), pointer=at)


def _no_such_field(record: Record, field: str, at: str) -> Flaw | None:
    fields = [name for name in type(record).model_fields if name not in NOT_ASSERTED]
    if field in fields:
        return None
    close = nearest(field, fields, limit=1)
    return Flaw(f"there is no field {field[:80]!r} to assert", pointer=at, suggestion=close[0] if close else None)


@cache
def _type_of(schema: type[Record], field: str) -> TypeAdapter[Any]:
    info = schema.model_fields[field]
    annotation: Any = Annotated[info.annotation, info]
    return TypeAdapter(annotation)


def _why(best: Claim, other: Claim) -> str:
    """Say what sets the preferred claim apart from the best that differs, by the first place of their ranks."""
    mine, theirs = best.citation, other.citation
    differs = next(place for place, pair in enumerate(zip(best.rank, other.rank, strict=True)) if pair[0] != pair[1])
    published = f"published on {best.published_on.text}" if best.published_on else ""
    return (
        f"An editor chose what {mine.source} says.",
        f"It is {mine.evidence}, which counts for more than {theirs.evidence}.",
        f"Its source is the newest, {published}.",
        f"Our confidence in it is {mine.confidence}, in the other {theirs.confidence}.",
        "It is cited first, and nothing else tells the claims apart.",
    )[differs]
