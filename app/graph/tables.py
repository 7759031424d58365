"""Figures as CSV (RFC 4180): a row for each company, fact or party, the parts of an amount in columns of their own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from app.ledger.tabular import flat
from app.shared.csv_cells import written
from app.shared.json import dumps, loads_own

Columns = Sequence[str]


def _amount(name: str) -> Columns:
    return [f"{name}.{part}" for part in ("low", "high", "unit", "text")]


RANKING: Final[Columns] = (
    *("best_rank", "worst_rank", "company", "count", *_amount("value"), *_amount("tentative")),
    *("left_out", "needs"),
)
TIMELINE: Final[Columns] = (
    *("date", "earliest", "latest", "field", "title", "stage", "record.type", "record.slug", "record.url"),
    "citations",
)
EXPOSURE: Final[Columns] = (
    *("by", "kind", "basis", "tentative", "nature", "period", "company", *_amount("amount")),
    *("share.low", "share.high", "share.text", "hhi.low", "hhi.high", "records"),
)


def table(columns: Columns, rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a header and the rows of an answer; an open bound is an empty cell, a list is JSON in one."""
    plain = loads_own(dumps(list(rows)))
    return written([columns, *(flat(columns, row) for row in plain)])


def parties(groups: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The suppliers, customers and investors of an exposure, each with what its share is a share of."""
    for group in groups:
        for whole in group["concentrations"]:
            about = {name: whole[name] for name in ("basis", "tentative", "nature", "period", "hhi")}
            for party in whole["parties"]:
                yield {"by": group["by"], "kind": group["kind"], **about, **party}
