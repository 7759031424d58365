"""Cells of CSV (RFC 4180) that no spreadsheet runs as a formula, and the way back.

The rule: a cell that begins with ``= + - @``, a tab, a line break or the full-width form of one of the first four gets
an apostrophe before it, and so does one in which nothing but apostrophes stands before such a sign. A number, such as
``-77.03``, is no formula and stays as it is. To undo it, take one apostrophe away where apostrophes are followed by
such a sign. Any other apostrophe belongs to the text, so that a file which was written by hand reads as it stands.
"""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import Final

_SIGNS: Final = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_RUN: Final = re.compile(rf"'*{_SIGNS}")
_NEUTRAL: Final = re.compile(rf"'+{_SIGNS}")
_NUMBER: Final = re.compile(r"-[0-9]+(\.[0-9]+)?")


def neutral(text: str) -> str:
    """A cell that a spreadsheet shows and does not run; ``original`` undoes it."""
    return f"'{text}" if _RUN.match(text) and not _NUMBER.fullmatch(text) else text


def original(text: str) -> str:
    """What a cell said before ``neutral``."""
    return text[1:] if _NEUTRAL.match(text) else text


def written(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV, lines ending in CRLF, each cell as ``neutral`` has it."""
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(map(neutral, row) for row in rows)
    return out.getvalue()
