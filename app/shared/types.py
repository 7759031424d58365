"""Column types that hold their value exactly, alike on SQLite and on PostgreSQL."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, TypeDecorator

# SQLite numbers rows by itself only for a column that is declared INTEGER.
Identity = BigInteger().with_variant(Integer(), "sqlite")


class Scaled(TypeDecorator[Decimal]):
    """An exact decimal as a 64-bit integer of 1/10^``places`` units.

    SQLite has no exact decimal (NUMERIC turns into a binary float), so both databases keep the integer,
    which also sorts, compares and sums exactly in SQL.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002, D102 - SQLAlchemy's own
        return None if value is None else int(Decimal(value).scaleb(self.places))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002, ANN401, D102 - the same
        return None if value is None else Decimal(value).scaleb(-self.places)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant in UTC. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: D102 - the same
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - the same
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


def decimal(text: str) -> Decimal:
    """A number as a client writes it; raises ValueError for what is none, NaN and infinities included."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{text[:40]!r} is not a number")
    return number
