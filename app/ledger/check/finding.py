"""Something that is wrong with a store."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.shared.counted import Counted

_NAMED: Final = 5
"""How many of those that break a rule are named."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is broken, how often, and some of what breaks it."""

    what: str
    number: int
    named: tuple[str, ...] = ()

    def __str__(self) -> str:
        others = ", …" if self.number > len(self.named) else ""
        return f"{self.what}: {self.number}" + (f" ({', '.join(self.named)}{others})" if self.named else "")


async def broken(connection: AsyncConnection, what: str, query: Select[Any]) -> list[Finding]:
    """A finding where a query for what breaks a rule finds any."""
    rows = (await connection.execute(query.order_by(*query.selected_columns).limit(_NAMED))).all()
    if not rows:
        return []
    number = await connection.scalar(select(func.count()).select_from(query.subquery()))
    return [Finding(what, number or 0, tuple("/".join(map(str, row)) for row in rows))]


def named() -> Counted[str]:
    """Counts those that break a rule, and keeps as many names as a finding shows."""
    return Counted(_NAMED)


def of(what: str, ones: Counted[str]) -> list[Finding]:
    """A finding where there are any that break a rule."""
    return [Finding(what, ones.number, tuple(ones.first))] if ones.number else []
