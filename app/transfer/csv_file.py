"""Reads CSV (RFC 4180): one resource, whose columns are those of its list as CSV."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from app.ledger.resource import Resource
from app.ledger.tabular import columns_of, read_cells
from app.shared.csv_cells import original
from app.shared.errors import Flaw, unknown
from app.transfer.resources import BY_TYPE
from app.transfer.rows import MAX_LINE, Row, lines, row_of, too_long

# It holds for the whole process: a cell may be as long as a line.
csv.field_size_limit(MAX_LINE)


class _Broken(Exception):  # noqa: N818 - a file is broken
    """A line behind which nothing can be read."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.detail)
        self.flaw = flaw


def read(file: BinaryIO, resource: str | None = None) -> Iterator[Row | Flaw]:
    """The records of a file, and a flaw for each row that holds none; where the header is wrong, flaws of that only."""
    if resource is None:
        yield Flaw("a CSV file holds one resource: name it with resource", line=1)
        return
    cells = csv.reader(_texts(file), strict=True)
    try:
        header = [name.strip() for name in next(cells, [])]
        flaws = _flaws(BY_TYPE[resource], header)
        yield from flaws
        if not flaws:
            yield from _rows(cells, BY_TYPE[resource], header)
    except _Broken as broken:
        yield broken.flaw
    except csv.Error as error:
        # Where a quote is missing, no later line can be told from a cell.
        yield Flaw(f"not CSV (RFC 4180): {error}; what follows was not read", line=cells.line_num)


def _rows(cells: "csv._reader", resource: Resource, header: Sequence[str]) -> Iterator[Row | Flaw]:  # type: ignore[name-defined,unused-ignore]
    before = cells.line_num
    for row in cells:
        line, before = before + 1, cells.line_num
        if not row:
            continue
        if len(row) != len(header):
            yield Flaw(f"the row has {len(row)} cells, the header {len(header)}", line=line)
            continue
        record, flaws = read_cells(resource, header, [original(cell) for cell in row])
        yield from (replace(flaw, line=line) for flaw in flaws)
        try:
            # Also where a cell cannot be read: what else is wrong with the row shows when it is validated.
            yield row_of(line, resource.type, record)
        except ValueError as error:
            yield Flaw(str(error), line=line)


def _flaws(resource: Resource, header: Sequence[str]) -> list[Flaw]:
    if not header:
        return [Flaw("the file has no header: its first line names the columns", line=1)]
    known = columns_of(resource)
    twice = [name for place, name in enumerate(header) if name in header[:place]]
    flaws = [Flaw(f"the column {name[:80]!r} stands twice in the header", line=1) for name in dict.fromkeys(twice)]
    for name in dict.fromkeys(header):
        if name not in known:
            flaw = unknown("column", name[:80], known, "")
            flaws.append(Flaw(flaw.detail, suggestion=flaw.suggestion, line=1))
    return flaws


def _texts(file: BinaryIO) -> Iterator[str]:
    for number, line in lines(file):
        if line is None:
            raise _Broken(too_long(number))
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            detail = f"not valid UTF-8 at byte {error.start} of the line; what follows was not read"
            raise _Broken(Flaw(detail, line=number)) from None
