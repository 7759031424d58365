"""Reads YAML: a mapping from resource to a list of records. Such a file is read whole."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO, Final, NamedTuple

import yaml

from app.shared.errors import Flaw, unknown
from app.shared.json import MAX_DEPTH
from app.transfer.resources import BY_TYPE
from app.transfer.rows import Row, row_of

MAX_BYTES: Final = 8_388_608
"""The largest file that is read: YAML is for what people write."""
_MAX_NODES: Final = 2_000_000
"""Values in a file, each alias counted as what it stands for: a few lines of aliases can stand for any number."""
_MAX_DEPTH: Final = MAX_DEPTH + 2
"""Levels of lists and mappings, with the two that a file has round its records."""


class Unreadable(ValueError):  # noqa: N818 - a file is unreadable
    """A file that holds no records at all, and the line where that shows (None where it does not)."""

    def __init__(self, detail: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {detail}" if line else detail)
        self.detail = detail
        self.line = line


class Item(NamedTuple):
    """A record in a file: its resource, its position among those (from 0), its line (from 1), and what it says."""

    resource: str
    position: int
    line: int
    stated: Any


class _Loader(yaml.CSafeLoader):
    """YAML without its two guesses that lose something: a fraction stays exact, a date stays the text that it was."""


def _exact(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    try:
        return Decimal(loader.construct_scalar(node).replace("_", ""))
    except ArithmeticError:
        problem = f"{node.value[:40]!r} is no number that can be kept"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return loader.construct_scalar(node)


def _unique(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    _refuse_twice(loader, node)
    return loader.construct_mapping(node, deep=True)


def _refuse_twice(loader: _Loader, node: yaml.MappingNode) -> None:
    seen = []
    for place, _ in node.value:
        key = loader.construct_object(place)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=place.start_mark)
        seen.append(key)


_Loader.add_constructor("tag:yaml.org,2002:float", _exact)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)
_Loader.add_constructor("tag:yaml.org,2002:map", _unique)


def read(file: BinaryIO, resource: str | None = None) -> Iterator[Row | Flaw]:
    """The records of a file, and a flaw for each that JSON could not hold, or for the file as a whole.

    ``resource`` is there for the other formats: a YAML file names the resources itself.
    """
    try:
        items = parse(file.read(MAX_BYTES + 1))
    except Unreadable as unreadable:
        yield Flaw(f"not YAML that we can read: {unreadable.detail}", line=unreadable.line or 1)
        return
    yield from rows_of(items, resource)


def rows_of(items: Iterable[Item], resource: str | None = None) -> Iterator[Row | Flaw]:
    """Records as rows, and a flaw for each that is of no such resource or that JSON could not hold."""
    for item in items:
        if item.resource not in BY_TYPE:
            yield _no_such_resource(item)
        elif resource not in {None, item.resource}:
            yield Flaw(f"the record is of {item.resource}, the import of {resource}", line=item.line)
        else:
            yield _row(item)


def parse(content: bytes) -> list[Item]:
    """The records of a file, in its order. Raises Unreadable for what is not such a file."""
    if len(content) > MAX_BYTES:
        raise Unreadable(f"a YAML file has at most {MAX_BYTES:,} bytes: send more as NDJSON")
    try:
        text = content.decode()
        _refuse_too_deep(text)
        loader = _Loader(text)
        return _items(loader, loader.get_single_node())
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not UTF-8: byte {error.start}", content.count(b"\n", 0, error.start) + 1) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"column {mark.column + 1}: " if mark else ""
        # What is missing at the end is missed one line further on.
        line = min(mark.line, content.count(b"\n")) + 1 if mark else None
        raise Unreadable(f"{where}{error.problem}", line) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable(" ".join(str(error).split())) from None


def _items(loader: _Loader, root: yaml.Node | None) -> list[Item]:
    if not isinstance(root, yaml.MappingNode):
        raise Unreadable("it is not a mapping from resource to a list of records")
    _refuse_too_many(root)
    _refuse_twice(loader, root)
    items: list[Item] = []
    for key, records in root.value:
        if not isinstance(records, yaml.SequenceNode):
            problem = "it is not a mapping from resource to a list of records"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=records.start_mark)
        name = str(loader.construct_object(key))
        items += [
            Item(name, position, node.start_mark.line + 1, loader.construct_object(node, deep=True))
            for position, node in enumerate(records.value)
        ]
    return items


def _refuse_too_deep(text: str) -> None:
    """Look at the nesting before the loader does, which would end the process where it is some thousands deep."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise Unreadable(f"it is nested too deep: at most {_MAX_DEPTH} levels", _line_of(event))


def _line_of(event: yaml.Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark else None


def _refuse_too_many(root: yaml.Node) -> None:
    pending, seen = [root], 0
    while pending:
        node = pending.pop()
        seen += 1
        if seen > _MAX_NODES:
            raise Unreadable(f"it holds more than {_MAX_NODES:,} values, with what its aliases stand for")
        if isinstance(node, yaml.MappingNode):
            pending += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            pending += node.value


def _row(item: Item) -> Row | Flaw:
    try:
        return row_of(item.line, item.resource, item.stated)
    except ValueError as error:
        return Flaw(str(error), line=item.line)


def _no_such_resource(item: Item) -> Flaw:
    flaw = unknown("resource", item.resource[:80], BY_TYPE, "")
    return Flaw(flaw.detail, suggestion=flaw.suggestion, line=item.line)
