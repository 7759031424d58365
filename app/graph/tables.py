"""Figures as CSV (RFC 4180): a row for each company, fact, party, loss or change, with amounts in parts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from app.ledger.tabular import flat
from app.shared.csv_cells import written
from app.shared.json import dumps, loads_own

Row = Mapping[str, Any]
Columns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What the columns are called, which is where in a row they are found, and the rows of an answer."""

    columns: Columns
    rows: Callable[[Row], Iterable[Row]]

    def write(self, content: Row) -> str:
        """Return a header and the rows of an answer; an open bound is an empty cell, a list is JSON in one."""
        return written([self.columns, *(flat(self.columns, row) for row in self.rows(loads_own(dumps(content))))])


def _amount(name: str) -> Columns:
    return tuple(f"{name}.{part}" for part in ("low", "high", "unit", "text"))


def _parties(answer: Row) -> Iterator[Row]:
    """The suppliers, customers and investors of an exposure, each with what its share is a share of."""
    for group in answer["groups"]:
        for whole in group["concentrations"]:
            for party in whole["parties"]:
                yield {**group, **whole, **party}


def _losses(answer: Row) -> Iterator[Row]:
    """What each company would lose, with how it is reached."""
    return ({**one, **loss} for one in answer["affected"] for loss in one["losses"])


def _neighbours(answer: Row) -> Iterator[Row]:
    """The companies on either side of those that are compared, with whose they are."""
    for side in ("dependencies", "dependents"):
        for had, ones in answer[side].items():
            yield from ({"side": side, "had": had, **one} for one in ones)


def _changes(answer: Row) -> Iterator[Row]:
    """The dependencies that came and went, and each field of those that are not as they were."""
    for change in ("gained", "lost"):
        yield from ({"change": change, **edge} for edge in answer[change])
    for one in answer["changed"]:
        edge = {**one["edge"], "record": one["record"]}
        yield from ({"change": "changed", **edge, **field} for field in one["fields"])


_RECORD: Final = ("record.type", "record.slug", "record.url")
RANKING: Final = Table(
    (
        *("best_rank", "worst_rank", "company", "count", *_amount("value"), *_amount("tentative")),
        *("left_out", "needs"),
    ),
    itemgetter("data"),
)
TIMELINE: Final = Table(
    ("date", "earliest", "latest", "field", "title", "stage", *_RECORD, "citations"), itemgetter("data")
)
EXPOSURE: Final = Table(
    (
        *("by", "kind", "basis", "tentative", "nature", "period", "company", *_amount("amount")),
        *("share.low", "share.high", "share.text", "hhi.low", "hhi.high", "records"),
    ),
    _parties,
)
IMPACT: Final = Table(
    (
        *("company", "name", "depth", "via", "kind", "source", "only_source", "alternatives", "also_affected"),
        *("unchecked", "planned", "shares", "amounts", "unknowns"),
    ),
    _losses,
)
COMPARE: Final = Table(("side", "had", "kind", "company", "name", "of", "edges"), _neighbours)
DIFF: Final = Table(
    ("change", "from", "to", "kind", "summary", "stage", "since", "until", "field", "old", "new", *_RECORD), _changes
)
