"""The formats of files to import: what reads each, and how a file says which it is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from app.shared.errors import Flaw
from app.transfer import csv_file, ndjson, yaml_file
from app.transfer.rows import Row

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
YAML: Final = "application/yaml"
READERS: Final[dict[str, Callable[[BinaryIO, str | None], Iterator[Row | Flaw]]]] = {
    NDJSON: ndjson.read,
    CSV: csv_file.read,
    YAML: yaml_file.read,
}
"""What reads a file of each media type (NDJSON has none of its own; RFC 4180, RFC 9512)."""
_SUFFIXES: Final = {".ndjson": NDJSON, ".jsonl": NDJSON, ".csv": CSV, ".yaml": YAML, ".yml": YAML}


def media_type_of(path: Path) -> str:
    """The media type that the name of a file says. Raises ValueError for a name that says none of ours."""
    if kind := _SUFFIXES.get(path.suffix.lower()):
        return kind
    raise ValueError(f"{path.name}: what is in it shows in its ending, one of {', '.join(_SUFFIXES)}")
