"""What stands in the description of an app (OpenAPI 3.1)."""

from collections.abc import Iterator
from typing import Any


def operations_in(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of a description, to be read or changed."""
    return (operation for path in described["paths"].values() for operation in path.values())
