"""The hostile cases, read from the files beside this one."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

_HERE = Path(__file__).parent


class Body(NamedTuple):
    """What may stand in the place of a body, and the class of the answer to it where JSON is taken."""

    name: str
    content: bytes
    answer: int


@cache
def bodies() -> tuple[Body, ...]:
    """All hostile bodies."""
    return tuple(Body(one["name"], _content(one), one["answer"]) for one in _read("bodies"))


def values() -> list[bytes]:
    """JSON texts for the places of values."""
    return [text.encode() for text in _read("values")]


def queries() -> list[str]:
    """Texts behind the = of a parameter, as they stand in an address."""
    return list(_read("queries"))


def headers() -> list[tuple[str, bytes]]:
    """Headers with the bytes of their values."""
    return [
        (name, value.encode("utf-8" if max(value, default=" ") > "\xff" else "latin-1"))
        for name, value in _read("headers")
    ]


def _read(name: str) -> list[Any]:
    read: list[Any] = yaml.safe_load((_HERE / f"{name}.yaml").read_text())
    return read


def _content(one: dict[str, Any]) -> bytes:
    if "hex" in one:
        return bytes.fromhex(one["hex"])
    times = one.get("times", 1)
    parts = (one["text"].replace("%d", str(number)) for number in range(times))
    text = one.get("between", "").join(parts) + one.get("middle", "") + one.get("mirrored", "") * times
    return f"{one.get('prefix', '')}{text}{one.get('suffix', '')}".encode()
