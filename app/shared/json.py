"""JSON (RFC 8259) in and out, with exact numbers and without the surprises that the format allows."""

import json
import re
import unicodedata
from collections import Counter
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any, Final

import orjson

MAX_DEPTH: Final = 64
"""Levels of arrays and objects that are read (RFC 8259, section 9 lets a parser set it)."""
_MAX_EXPONENT: Final = 400
_INT64: Final = range(-(2**63), 2**63)
_VALUES: Final = (str, int, float, Decimal, type(None), dict, list)
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def dumps(value: Any) -> str:  # noqa: ANN401  whatever JSON can hold
    """Write JSON text: keys in the order given, UTC times with ``Z``, Decimals as exact plain numbers.

    Raises TypeError for what JSON cannot hold. A float NaN would come out as null: use Decimal, where it is refused.
    """
    return orjson.dumps(value, default=_fragment, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC).decode()


def loads(text: str | bytes) -> Any:  # noqa: ANN401  whatever JSON can hold
    """Read JSON text; fractions become Decimal, so nothing is lost.

    Raises ValueError, with a sentence for the sender, for anything RFC 8259 forbids (NaN, bytes that are not UTF-8) or
    leaves to luck (duplicate keys in section 4, huge numbers in 6, lone surrogates in 8.2, depth in 9), and for NUL,
    which PostgreSQL cannot store. A leading byte order mark is ignored (section 8.1). Text comes out in Unicode's
    Normalization Form C, so that what looks the same is the same: every record goes through here on its way in.
    """
    decoded = normal(_decoded(text))
    try:
        value = json.loads(
            decoded,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    # Bytes in UTF-8 without an escape hold neither NUL nor a surrogate, and depth takes brackets.
    if isinstance(text, str) or "\\u" in decoded or decoded.count("[") + decoded.count("{") > MAX_DEPTH:
        check(value)
    return _normal_inside(value) if "\\u" in decoded else value


def normal(text: str) -> str:
    """A text in Normalization Form C (Unicode Standard Annex 15)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _normal_inside(value: Any) -> Any:  # noqa: ANN401 - the same
    """A value with all its texts in that form: an escape hides from the form of what it is written in."""
    if isinstance(value, str):
        return normal(value)
    if isinstance(value, list):
        return [_normal_inside(item) for item in value]
    if isinstance(value, dict):
        return _unique([(normal(key), _normal_inside(item)) for key, item in value.items()])
    return value


def loads_own(text: str) -> Any:  # noqa: ANN401  whatever JSON can hold
    """Read JSON text that this app wrote, exactly, without the checks that a stranger's text needs."""
    return json.loads(text, parse_float=Decimal)


def fragment(text: str) -> orjson.Fragment:
    """JSON text that this app wrote, to be passed on inside what `dumps` writes."""
    return orjson.Fragment(text)


def plain(value: Decimal) -> str:
    """Write a finite Decimal in full and without trailing zeros: ``11900000000``, ``62``, ``0.125``."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a number that JSON can hold")
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain(value).encode())
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _decoded(text: str | bytes) -> str:
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"not valid UTF-8 at byte {error.start}: JSON is sent in UTF-8") from None
    return text.removeprefix("\ufeff")


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _out_of_range(text) from None
    if abs(number.adjusted()) > _MAX_EXPONENT:
        raise _out_of_range(text)
    return number


def _integer(text: str) -> int | Decimal:
    number = _number(text)
    return int(number) if int(number) in _INT64 else number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number: leave the field out or send null")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
    raise ValueError(f"the key {twice[:40]!r} stands twice in one object: send it once")


def check(value: object) -> None:
    """Raise ValueError for what cannot be kept as JSON: too deep, not text, or no JSON value at all."""
    level: list[object] = [value]
    for depth in count():
        _refuse_unstorable(level)
        containers = [item for item in level if isinstance(item, dict | list)]
        if not containers:
            return
        if depth == MAX_DEPTH:
            raise _too_deep()
        level = [child for item in containers for child in _children(item)]


def _refuse_unstorable(items: list[object]) -> None:
    for item in items:
        if isinstance(item, str) and (found := _UNSTORABLE.search(item)):
            name = "NUL" if found.group() == "\0" else "a lone surrogate"
            raise ValueError(f"a string holds {name} (\\u{ord(found.group()):04x}), which is not text: remove it")
        if not isinstance(item, _VALUES) or (isinstance(item, dict) and not all(isinstance(key, str) for key in item)):
            raise ValueError(f"{str(item)[:40]!r} ({type(item).__name__}) is not a JSON value")
        if isinstance(item, (int, float, Decimal)):
            _refuse_number(item)


def _refuse_number(number: float | Decimal) -> None:
    if isinstance(number, int):
        fits = number in _INT64
    else:
        number = Decimal(number)
        fits = number.is_finite() and abs(number.adjusted()) <= _MAX_EXPONENT
    if not fits:
        raise ValueError(f"the number {str(number)[:40]} is out of range")


def _children(container: dict[Any, Any] | list[Any]) -> list[object]:
    return [*container, *container.values()] if isinstance(container, dict) else container


def _too_deep() -> ValueError:
    return ValueError(f"the JSON is nested too deep: at most {MAX_DEPTH} levels")


def _out_of_range(text: str) -> ValueError:
    return ValueError(f"the number {text[:40]} is out of range: its exponent is past {_MAX_EXPONENT}")
