"""How values stand on a page: their words, their bounds as bars, and the lines of a record. Pure."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from app.graph.render.labels import words
from app.ledger.resource import Resource
from app.ledger.shape import FieldShape
from app.shared.json import plain

_APART: Final = frozenset({"slug", "version", "recorded_at", "citations", "preferred", "disputed"})
"""What a page of a record shows elsewhere than among its lines."""
_CALLED: Final = {"sha256": "SHA-256", "url": "Address"}
_HEIGHT: Final = 10
_LAST_WHOLE: Final = re.compile(r".*?\d[\d,]*(?=[^\d,]*$|\.\d+[^\d]*$)")


class Line(NamedTuple):
    """A field of a record: its name, what it holds, which resource it refers to, its values, the parts of an object."""

    field: str
    holds: str
    refers_to: str
    values: list[Any]
    parts: tuple["Line", ...] = ()


def lines(resource: Resource, document: Mapping[str, Any]) -> list[Line]:
    """The fields of a record that say something, in the order of its schema."""
    return [_line(shape, document[shape.name]) for shape in resource.shape if _says(shape, document)]


def here(address: str) -> str:
    """The page of what the API shows at an address."""
    return address.removeprefix("/v1") if address.startswith("/v1/") else "/"


def web_address(address: str | None) -> str | None:
    """An address that a browser may be sent to, None for any other: a script is not run by a click."""
    return address if address and address.lower().startswith(("https://", "http://")) else None


def list_address(resource: str) -> str:
    """Where the page that lists a resource is: as at the API, but for metrics, where Prometheus reads its figures."""
    return "/all/metrics" if resource == "metrics" else f"/{resource}"


def kind_name(kind: str) -> str:
    """A kind of company, dependency or record, or a field, in words, with a capital."""
    text = _CALLED.get(kind) or words(kind)
    return text[:1].upper() + text[1:]


def one_of(resource: str) -> str:
    """What one record of a resource is called: company, contract."""
    return "company" if resource == "companies" else resource.removesuffix("s")


def moment(text: str) -> str:
    """An instant to the minute, in UTC: it was written as RFC 3339."""
    return f"{text[:10]} {text[11:16]} UTC"


def bounds(amount: Mapping[str, Any]) -> str:
    """What is certain of an amount, in digits: nothing where that is no more than its words say, or nothing at all."""
    low, high = amount["low"], amount["high"]
    if low == high or (not low and high is None):
        return ""
    if high is None:
        return f"{_digits(low)} or more"
    return f"{_digits(low)} to {_digits(high)}" if low is not None else f"at most {_digits(high)}"


def pointed(text: str) -> Markup:
    """An amount in words for a column of them: what follows the last whole digit has a width, so that points align."""
    whole = _LAST_WHOLE.match(text)
    start, rest = (whole[0], text[whole.end() :]) if whole else (text, "")
    return Markup('{}<span class="point">{}</span>').format(start, rest)


def top_of(amounts: Iterable[Mapping[str, Any] | None]) -> Decimal:
    """The end of a scale that has room for all amounts: open ones reach a quarter past the largest number."""
    known = [amount for amount in amounts if amount]
    ends = [Decimal(end) for amount in known for end in (amount["low"], amount["high"]) if end is not None]
    is_open = any(amount["high"] is None for amount in known)
    return max(ends, default=Decimal(0)) * (Decimal("1.25") if is_open else 1) or Decimal(1)


def bar(amount: Mapping[str, Any] | None, top: Decimal | int, kind: str = "") -> Markup:
    """An amount on a scale from 0 to ``top``: what is certain is solid, what is possible is drawn up to its bound."""
    low, high = (None, None) if amount is None else (amount["low"], amount["high"])
    sure = _percent(low or 0, top)
    end = Decimal(100) if high is None else _percent(high, top)
    solid = f'<rect class="sure" width="{sure:.2f}%" height="{_HEIGHT}"/>'
    rest = f'<rect class="maybe" x="{sure:.2f}%" width="{end - sure:.2f}%" height="{_HEIGHT}"/>' if end > sure else ""
    edge = f'<rect class="edge" x="{max(end - 1, Decimal(0)):.2f}%" width="1%" height="{_HEIGHT}"/>' if rest else ""
    closed = edge if high is not None else ""
    mark = f" k-{kind}" if kind.isidentifier() else ""
    return Markup(  # noqa: S704 - numbers and one word of ours
        f'<svg class="bar{mark}" aria-hidden="true" focusable="false" width="100%" height="{_HEIGHT}">'
        f'<rect class="track" width="100%" height="{_HEIGHT}"/>{solid}{rest}{closed}</svg>'
    )


def _percent(value: Any, top: Decimal | int) -> Decimal:  # noqa: ANN401 - a JSON number
    return min(Decimal(100), Decimal(value) * 100 / top)


def _digits(value: Any) -> str:  # noqa: ANN401 - a JSON number
    return f"{Decimal(plain(Decimal(value))):,f}"


def _says(shape: FieldShape, document: Mapping[str, Any]) -> bool:
    return shape.name not in _APART and document.get(shape.name) not in (None, [], {}, "")


def _line(shape: FieldShape, value: Any) -> Line:  # noqa: ANN401 - what the field holds
    values = value if isinstance(value, list) else [value]
    parts = tuple(_line(part, None) for part in shape.parts)
    return Line(shape.name, shape.holds.name.lower(), shape.refers_to, values, parts)
