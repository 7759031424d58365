"""Names one company in place of another in what a record states, and takes that back. Pure: statements in, out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.ledger.resource import Resource
from app.ledger.shape import FieldShape, Holds

Stated = dict[str, Any]
"""A record as JSON, without what the store adds."""


@dataclass(frozen=True)
class Renaming:
    """``new`` in place of ``old`` (slugs of companies), wherever a record of the resource refers to a company."""

    resource: Resource
    old: str
    new: str

    def apply(self, stated: Stated) -> Stated:
        """The statement with the other name. A list that would then hold the same twice keeps one."""
        return self._object(self.resource.shape, stated)

    def take_back(self, was: Stated, made: Stated, now: Stated) -> Stated:
        """The statement ``now`` as it would be had ``was`` not been turned into ``made``: later edits stay.

        A field that still is as it was made is as it was before; in others, what the renaming made is put back where it
        still stands.
        """
        restored = dict(now)
        for shape in self.resource.shape:
            before, after, current = (one.get(shape.name) for one in (was, made, now))
            if before != after and shape.is_list and current != after:
                restored[shape.name] = self._list_back(shape, before or [], current or [])
            else:
                restored[shape.name] = _back(before, after, current)
        return restored

    def _object(self, shapes: Sequence[FieldShape], value: Mapping[str, Any]) -> Stated:
        return dict(value) | {one.name: self._field(one, value[one.name]) for one in shapes if one.name in value}

    def _field(self, shape: FieldShape, value: Any) -> Any:  # noqa: ANN401 - JSON
        if shape.is_list and isinstance(value, list):
            return _distinct(value, [self._item(shape, one) for one in value])
        return self._item(shape, value)

    def _item(self, shape: FieldShape, value: Any) -> Any:  # noqa: ANN401 - JSON
        if shape.holds is Holds.REFERENCE and shape.refers_to == "companies":
            return self.new if value == self.old else value
        if shape.holds is Holds.OBJECT and isinstance(value, dict):
            return self._object(shape.parts, value)
        if shape.name == "asserts":
            return self._object(self.resource.shape, value)
        return value

    def _list_back(self, shape: FieldShape, was: Sequence[Any], now: Sequence[Any]) -> list[Any]:
        restored = list(now)
        for place, item in enumerate(was):
            made = self._item(shape, item)
            if made == item:
                continue
            if made in restored:
                at = restored.index(made)
                # Where both were there before, one was dropped.
                restored[at : at + 1] = [item, made] if made in was else [item]
            elif place < len(restored):
                restored[place] = _back(item, made, restored[place])
        return restored


def _distinct(before: Iterable[Any], after: Iterable[Any]) -> list[Any]:
    """What a list became, without items that only the renaming made equal."""
    kept: list[tuple[Any, bool]] = []
    for was, now in zip(before, after, strict=True):
        renamed = was != now
        if not any(now == other and (renamed or also) for other, also in kept):
            kept.append((now, renamed))
    return [item for item, _ in kept]


def _back(was: Any, made: Any, now: Any) -> Any:  # noqa: ANN401 - JSON
    """What it was, where it still is what was made of that; inside of objects, member by member."""
    if now == made:
        return was
    if isinstance(was, dict) and isinstance(made, dict) and isinstance(now, dict):
        return {name: _back(was.get(name), made.get(name), value) for name, value in now.items()}
    return now
