"""Files of other people as rows: where each row stands, and a refusal where a file is not what it was taken for."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any, Final

from rapidfuzz import fuzz, process

from app.shared.json import dumps, loads

_ALIKE: Final = 75
"""From how alike on a column may have got another name, in percent."""


class Unreadable(ValueError):  # noqa: N818 - the file is unreadable
    """A file that is not of the kind that it was taken for."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: ``place`` says where it stands ("line 12"), ``flaw`` what is wrong with it as a whole."""

    place: str
    cells: dict[str, str]
    flaw: str = ""

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits that tell this row from others by what it says, wherever it stands."""
        return sha256(dumps(sorted(self.cells.items())).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read: its name, the SHA-256 of its bytes in hexadecimal, and its rows in their order."""

    name: str
    sha256: str
    rows: Sequence[Row]


def csv_table(path: Path, columns: Sequence[str]) -> Table:
    """Read a CSV file (RFC 4180) in UTF-8, with or without a byte order mark.

    Raises Unreadable where it is no such file, or a column is missing that it should have. Columns beyond those are
    read too. Cells come without white space around them.
    """
    content = path.read_bytes()
    reader = csv.reader(StringIO(_text(path, content), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header, columns)
        rows = list(_rows(reader, header))
    except csv.Error as error:
        raise Unreadable(f"{path.name} is not CSV: line {reader.line_num}: {error}") from None
    return Table(path.name, sha256(content).hexdigest(), rows)


def json_table(path: Path, columns: Sequence[str]) -> Table:
    """Read a JSON file with ``columns`` and ``data``, a list of rows. Raises Unreadable where it is no such file."""
    content = path.read_bytes()
    try:
        value = loads(content)
    except ValueError as error:
        raise Unreadable(f"{path.name}: {error}") from None
    if not isinstance(value, dict) or not all(isinstance(value.get(key), list) for key in ("columns", "data")):
        raise Unreadable(f"{path.name} has no lists columns and data")
    header = [str(name) for name in value["columns"]]
    _check_header(path, header, columns)
    rows = [_json_row(header, cells, number) for number, cells in enumerate(value["data"], 1)]
    return Table(path.name, sha256(content).hexdigest(), rows)


def _text(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} is not UTF-8: byte {error.start}") from None
    before, nul, _ = text.partition("\0")
    if nul:
        line = before.count("\n") + 1
        raise Unreadable(f"{path.name} holds NUL, which is not text: line {line}")
    return text


def _check_header(path: Path, header: Sequence[str], columns: Sequence[str]) -> None:
    if twice := [name for name, count in Counter(header).items() if count > 1]:
        raise Unreadable(f"{path.name} has columns twice: {', '.join(map(repr, twice))}")
    if missing := [name for name in columns if name not in header]:
        raise Unreadable(f"{path.name} misses columns: {'; '.join(_hinted(name, header) for name in missing)}")


def _hinted(name: str, header: Sequence[str]) -> str:
    close = process.extractOne(name, header, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return f"{name!r} (is it {close[0]!r} now?)" if close else repr(name)


def _rows(reader: Any, header: Sequence[str]) -> Iterator[Row]:  # noqa: ANN401 - csv has no public type for it
    line = reader.line_num + 1
    for cells in reader:
        if cells:
            yield _row(header, [cell.strip() for cell in cells], f"line {line}")
        line = reader.line_num + 1


def _json_row(header: Sequence[str], cells: Any, number: int) -> Row:  # noqa: ANN401 - whatever stands in the file
    listed = [str(cell).strip() for cell in cells] if isinstance(cells, list) else [str(cells)]
    return _row(header, listed, f"row {number}")


def _row(header: Sequence[str], cells: Sequence[str], place: str) -> Row:
    flaw = "" if len(cells) == len(header) else f"it has {len(cells)} cells, the header has {len(header)}"
    return Row(place, dict(zip(header, cells, strict=False)), flaw)
