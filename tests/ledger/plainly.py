"""What filters mean, in plain Python over the documents that records show: what SQL is compared with."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from app.ledger.filters import Filter
from app.shared.partial_date import PartialDate
from app.shared.quantity import Quantity

Asked = Sequence[tuple[Filter, Sequence[str]]]


def keeps(record: dict[str, Any], asked: Asked) -> bool:
    """Whether a record meets all filters; those of one list are about one member of it."""
    members: dict[str, list[tuple[Filter, Sequence[str]]]] = {}
    for one, texts in asked:
        if one.operator not in ("not", "empty") and one.field.partition("__")[0].partition(".")[0] in lists(record):
            members.setdefault(one.field.partition("__")[0].partition(".")[0], []).append((one, texts))
        elif not _of_record(record, one, texts):
            return False
    return all(
        any(all(_meets(value_in(member, one), one, texts) for one, texts in about) for member in record[name])
        for name, about in members.items()
    )


def lists(record: dict[str, Any]) -> list[str]:
    """The fields that hold many."""
    return [name for name, value in record.items() if isinstance(value, list)]


def values_of(record: dict[str, Any], one: Filter) -> list[Any]:
    """All values of a field of a record that are stated."""
    name = one.field.partition("__")[0].partition(".")[0]
    found = [value_in(item, one) for item in record[name]] if name in lists(record) else [value_in(record, one)]
    return [value for value in found if value is not None]


def value_in(item: Any, one: Filter) -> Any:  # noqa: ANN401 - JSON
    """The value of a filter's field in a record, or in a member of its list."""
    path, _, part = one.field.partition("__")
    if isinstance(item, dict) and path.rpartition(".")[2] in item:
        item = item[path.rpartition(".")[2]]
    return item[part] if part and item is not None else item


def _of_record(record: dict[str, Any], one: Filter, texts: Sequence[str]) -> bool:
    values = values_of(record, one)
    if one.operator == "empty":
        return (not values) == (texts[0] == "true")
    if one.operator == "not":
        return not any(_equals(value, one, text) for value in values for text in texts)
    return any(_meets(value, one, texts) for value in values)


def _meets(value: Any, one: Filter, texts: Sequence[str]) -> bool:  # noqa: ANN401 - JSON
    if value is None:
        return False
    match one.operator:
        case "":
            return any(_equals(value, one, text) for text in texts)
        case "contains":
            return any(text.lower() in value.lower() for text in texts)
        case "startswith":
            return any(_begins(value, text, one) for text in texts)
        case operator:
            return _compares(value, operator, one, texts[0])


def _begins(value: str, text: str, one: Filter) -> bool:
    """A code has one case; other texts begin alike in either."""
    if one.shape.pattern and one.field not in ("website", "url"):
        return value.startswith(text)
    return value.lower().startswith(text.lower())


def _equals(value: Any, one: Filter, text: str) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return value["amount"] is not None and Decimal(str(value["amount"])) == Decimal(text)
    if isinstance(value, bool):
        return value == (text == "true")
    if isinstance(value, (int, Decimal)):
        return Decimal(str(value)) == Decimal(text)
    if one.shape.holds.name == "PARTIAL_DATE":
        stated, period = PartialDate.parse(value), PartialDate.parse(text)
        return period.earliest <= stated.earliest and stated.latest <= period.latest
    return bool(value == text)


def _compares(value: Any, operator: str, one: Filter, text: str) -> bool:  # noqa: ANN401 - JSON
    """Each value is from one point to another; points just beside a number stand for bounds that are not included."""
    possibly, sign = operator.startswith("possibly_"), operator.removeprefix("possibly_")
    if one.shape.holds.name == "PARTIAL_DATE":
        stated, asked = PartialDate.parse(value), PartialDate.parse(text)
        low, high = Decimal(stated.earliest.toordinal()), Decimal(stated.latest.toordinal())
        first, last = Decimal(asked.earliest.toordinal()), Decimal(asked.latest.toordinal())
    else:
        low, high = _span(value)
        first = last = Decimal(text)
    if possibly:
        low, high = high, low
    return {"gt": low > last, "gte": low >= first, "lt": high < first, "lte": high <= last}[sign]


def _span(value: Any) -> tuple[Decimal, Decimal]:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        return Decimal(str(value)), Decimal(str(value))
    bounds, least = Quantity.model_validate(value).bounds, Decimal("0.0001")
    low = Decimal("-Infinity") if bounds.low is None else bounds.low + (value["qualifier"] == "more_than") * least
    high = Decimal("Infinity") if bounds.high is None else bounds.high - (value["qualifier"] == "less_than") * least
    return low, high
