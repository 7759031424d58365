"""Column types that hold their value exactly, alike on SQLite and on PostgreSQL."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

# SQLite numbers rows by itself only for a column that is declared INTEGER.
Identity = BigInteger().with_variant(Integer(), "sqlite")

_NUMBER = re.compile(r"-?[0-9]{1,1000}(\.[0-9]{1,1000})?([eE][+-]?[0-9]{1,3})?")


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

    def scaled(self, value: Decimal) -> int:
        """The integer that is kept. Raises ValueError where the number does not fit or would lose a digit."""
        # Compared, not calculated: arithmetic would round to 28 digits.
        if value.copy_abs() >= Decimal(2**63).scaleb(-self.places):
            raise ValueError("the number is out of range")
        if value != round(value, self.places):
            raise ValueError(f"the number has too many decimals: at most {self.places}")
        return int(round(value, self.places).scaleb(self.places))

    def holds(self, value: Decimal) -> bool:
        """Whether the number can be kept as it is."""
        try:
            self.scaled(value)
        except ValueError:
            return False
        return True

    @property
    def python_type(self) -> type[Decimal]:  # noqa: D102 - SQLAlchemy's own
        return Decimal

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002, D102 - the same
        return None if value is None else self.scaled(Decimal(value))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002, ANN401, D102 - the same
        return None if value is None else Decimal(value).scaleb(-self.places)


class Codes(TypeDecorator[list[int]]):
    """Some 32-bit integers: an array on PostgreSQL, which GIN indexes, and a list in JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # noqa: D102 - SQLAlchemy's own
        return dialect.type_descriptor(ARRAY(Integer()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:  # noqa: ANN401, D102 - the same
        return value if value is None or dialect.name == "postgresql" else json.dumps(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> list[int] | None:  # noqa: ANN401, D102 - the same
        return value if value is None or dialect.name == "postgresql" else json.loads(value)


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
    """A number as JSON writes it (RFC 8259, 6); raises ValueError for anything else.

    Python would read more: other scripts' digits, underscores, infinities, exponents past what it can calculate with.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a number")
    return Decimal(text)


Words = String().with_variant(String(collation="C"), "postgresql")
"""Text in the order of its code points on both databases, whatever locale the server has: slugs page and sort alike."""
