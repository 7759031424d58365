"""Filters that no record can meet, alone or together: they are named, rather than answered with an empty list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, permutations
from typing import Any, Final

from app.ledger.filters.made import Filter
from app.ledger.filters.operators import Extent
from app.shared.errors import BadRequest, Flaw


@dataclass(frozen=True)
class Asked:
    """A filter with the values that were read for it, and the texts that they were read from."""

    filter: Filter
    values: Sequence[Any]
    texts: Sequence[str]

    @property
    def low(self) -> Decimal | None:
        """Where all that it keeps begins, None where that is open."""
        reach = self.filter.extent and self.filter.extent.low
        return min(reach(value) for value in self.values) if reach else None

    @property
    def high(self) -> Decimal | None:
        """Where all that it keeps ends."""
        reach = self.filter.extent and self.filter.extent.high
        return max(reach(value) for value in self.values) if reach else None

    @property
    def certain(self) -> bool:
        """Whether it is about all that a field may mean."""
        return bool(self.filter.extent and self.filter.extent.certain)

    def __str__(self) -> str:
        return "&".join(f"{self.filter.name}={text[:80]}" for text in self.texts[:3])


_ITSELF: Final = Extent(Decimal, Decimal)


def check_reach(one: Filter, value: Any) -> None:  # noqa: ANN401 - what was read
    """Raise ValueError where all that a value asks for is outside of the range of its field.

    ``latitude__lte=100`` is all that there is, ``latitude__gte=100`` nothing.
    """
    least, most = one.shape.least, one.shape.most
    reach = _ITSELF if one.operator == "not" else one.extent
    if least is None or most is None or reach is None:
        return
    if (reach.low and reach.low(value) > most) or (reach.high and reach.high(value) < least):
        raise ValueError(f"no record has one: {one.field} is from {least:,} to {most:,}")


def refuse_contradictions(asked: Sequence[Asked]) -> None:
    """Raise BadRequest that names each pair of filters which contradict each other."""
    if len(asked) > 1 and (pairs := list(_contradicting(asked))):
        flaws = [
            Flaw(f"{one} and {other} contradict each other: no record is both", parameter=one.filter.name)
            for one, other in pairs
        ]
        raise BadRequest("the filters contradict each other", *flaws)


def _contradicting(asked: Sequence[Asked]) -> Iterator[tuple[Asked, Asked]]:
    for one, other in permutations(asked, 2):
        if _empty_but_asked(one, other) or (
            one.filter.field == other.filter.field and (_apart(one, other) or _excluded(one, other))
        ):
            yield one, other
    for one, other in combinations(asked, 2):
        if one.filter.field == other.filter.field and _no_common_value(one, other):
            yield one, other


def _apart(one: Asked, other: Asked) -> bool:
    """Whether one begins only after the other ends. What may be reaches both ways, so one has to be certain."""
    if one.low is None or other.high is None or one.low <= other.high:
        return False
    return one.certain or other.certain


def _excluded(one: Asked, other: Asked) -> bool:
    """Whether all values that one asks for are among those that the other leaves out."""
    return (one.filter.operator, other.filter.operator) == ("", "not") and all(
        value in other.values for value in one.values
    )


def _no_common_value(one: Asked, other: Asked) -> bool:
    """Whether a field is asked for different values under two names."""
    same = one.filter.operator == other.filter.operator
    return same and one.filter.operator in ("", "empty") and not any(value in other.values for value in one.values)


def _empty_but_asked(one: Asked, other: Asked) -> bool:
    """Whether a field, or the list that it is of, is to be empty but to have a value as well."""
    if (one.filter.operator, list(one.values)) != ("empty", [True]) or other.filter.operator in ("not", "empty"):
        return False
    field = one.filter.field
    return other.filter.field == field or other.filter.field.startswith((f"{field}.", f"{field}__"))
