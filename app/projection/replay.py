"""The edges made anew from the whole history of the records, to prove or to replace the ones that are kept.

Nothing here reads a table of current state: a replay sees the versions only, in the order of their revisions.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from app.models.ledger import OPEN
from app.projection.lifetime import NOT_BINDING, Start
from app.projection.observations import following, replaced, series_of
from app.projection.row import EdgeRow, edge_key, edge_rows, same
from app.projection.rules import StatedRecord, edges_of
from app.shared.partial_date import PartialDate


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it was from a revision on; ``document`` is None where it was retracted."""

    revision: int
    recorded_on: date
    record_id: int
    type: str
    slug: str
    document: dict[str, Any] | None


@dataclass
class _State:
    companies: Mapping[str, int]
    current: dict[int, Change] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    citing: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    series: dict[Hashable, set[int]] = field(default_factory=lambda: defaultdict(set))
    fleets: dict[str, int] = field(default_factory=dict)
    superseding: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def apply(self, change: Change) -> set[int]:
        """Take a change in; return the ids of all records whose edges it may touch."""
        touched = {change.record_id}
        if before := self.current.pop(change.record_id, None):
            touched |= self._index(before, adding=False)
        if change.document is not None:
            self.current[change.record_id] = change
            touched |= self._index(change, adding=True)
        return touched

    def _index(self, change: Change, *, adding: bool) -> set[int]:
        document = change.document or {}
        keep = set.add if adding else set.discard
        for citation in document["citations"]:
            keep(self.citing[citation["source"]], change.record_id)
        if change.type == "sources":
            self.sources[change.slug] = document if adding else {}
            return self._citing(change.slug)
        if change.type == "fleets":
            return self._index_fleet(change, document, adding=adding)
        if (series := series_of(change.type, document)) is not None:
            keep(self.series[series], change.record_id)
            return set(self.series[series])
        return set()

    def _index_fleet(self, change: Change, document: Mapping[str, Any], *, adding: bool) -> set[int]:
        self.fleets[change.slug] = change.record_id
        if not (earlier := document["supersedes"]):
            return set()
        (set.add if adding else set.discard)(self.superseding[earlier], change.record_id)
        return self._earlier(change)

    def _citing(self, source: str) -> set[int]:
        """The records that cite a source, and the fleets before them: an undated one began by the first report."""
        citing = set(self.citing[source])
        return citing.union(*(self._earlier(self.current[id_]) for id_ in citing if id_ in self.current))

    def _earlier(self, change: Change) -> set[int]:
        """The fleets whose end hangs on one: that which it supersedes, and if that is a plan what the plan does."""
        found, document = set[int](), change.document
        while document and (id_ := self.fleets.get(document.get("supersedes") or "")) and id_ not in found:
            found.add(id_)
            before = self.current.get(id_)
            document = before.document if before and self._stated(id_, "stage") in NOT_BINDING else None
        return found

    def rows(self, record_id: int) -> Iterator[EdgeRow]:
        """The edges that a record implies in this state."""
        change = self.current.get(record_id)
        if change is None or change.document is None:
            return
        record = self._record(change, change.document)
        record = record._replace(next_observation=self._next(record))
        yield from edge_rows(record_id, record, edges_of(record), self.companies)

    def _record(self, change: Change, document: Mapping[str, Any]) -> StatedRecord:
        published = {
            source: PartialDate.parse(day)
            for source in (citation["source"] for citation in document["citations"])
            if (day := self.sources.get(source, {}).get("published_on"))
        }
        return StatedRecord(change.type, change.slug, document, change.recorded_on, published)

    def _next(self, record: StatedRecord) -> Start | None:
        if record.type == "fleets":
            return replaced(record, self._superseding)
        series = series_of(record.type, record.document)
        if series is None:
            return None
        periods = (self._stated(other, "period") for other in self.series[series])
        return following((text for text in periods if text), record.document["period"])

    def _superseding(self, slug: str) -> Iterator[StatedRecord]:
        for id_ in sorted(self.superseding[slug]):
            if (change := self.current.get(id_)) and change.document:
                yield self._record(change, change.document)

    def _stated(self, record_id: int, name: str) -> str | None:
        change = self.current.get(record_id)
        return change.document[name] if change and change.document else None


def replay(changes: Iterable[Change], companies: Mapping[str, int]) -> Iterator[EdgeRow]:
    """All edges that ever held, with the revisions from and to which they were recorded.

    ``changes`` come in the order of their revisions; ``companies`` gives the id of each company's slug.
    """
    state, open_edges = _State(companies), dict[tuple[int, int, int, str], EdgeRow]()
    by_record: dict[int, set[tuple[int, int, int, str]]] = defaultdict(set)
    for revision, at_once in groupby(changes, key=lambda change: change.revision):
        touched = {record_id for change in at_once for record_id in state.apply(change)}
        for record_id in sorted(touched):
            wanted = {edge_key(row): row for row in state.rows(record_id)}
            for key in sorted(by_record[record_id]):
                if key not in wanted or not same(open_edges[key], wanted[key]):
                    by_record[record_id].remove(key)
                    yield open_edges.pop(key) | {"to_revision": revision}
            for key in wanted.keys() - by_record[record_id]:
                by_record[record_id].add(key)
                open_edges[key] = wanted[key] | {"from_revision": revision}
    for row in open_edges.values():
        yield row | {"to_revision": OPEN}
