"""Reads a YAML file of records: a mapping from resource to a list of records."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

Statements = dict[str, list[Any]]


class _Loader(yaml.SafeLoader):
    """YAML without its two guesses that lose something: a fraction stays exact, a date stays the text that it was."""


def _exact(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node).replace("_", ""))


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return loader.construct_scalar(node)


def _unique(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = []
    for place, _ in node.value:
        key = loader.construct_object(place)
        if key in seen:
            raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=place.start_mark)
        seen.append(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:float", _exact)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)
_Loader.add_constructor("tag:yaml.org,2002:map", _unique)


def _told(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())


def read(path: Path) -> Statements:
    """The records of a file by resource. Raises ValueError, with the line, for what is not such a file."""
    try:
        content = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a subclass of SafeLoader
    except (yaml.YAMLError, ArithmeticError) as error:
        raise ValueError(f"{path.name} is not YAML that we can read: {_told(error)}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not UTF-8: byte {error.start}") from None
    if not isinstance(content, dict) or not all(isinstance(records, list) for records in content.values()):
        raise ValueError(f"{path.name} is not a mapping from resource to a list of records")
    return content
