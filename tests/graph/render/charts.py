"""Made-up answers to draw, and a reader of what was drawn."""

import re
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from app.shared.partial_date import PartialDate
from app.shared.wording import bounded

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    "]]> & \"q\" 'a'",
    "株式会社データセンター開発機構" * 6,
    "شركة الحوسبة السحابية",
    "W" * 200,
    "a\ud800\x00\x1b\ufffe\u202eb",
)
WIDTHS = (100, 320, 480, 960, 1600, 10_000)
Answer = dict[str, Any]


def amount(low: float, high: float | None, unit: str = "USD") -> Answer:
    """An interval as an answer shows it."""
    ends = Decimal(str(low)), None if high is None else Decimal(str(high))
    return {"low": ends[0], "high": ends[1], "unit": unit, "text": bounded(*ends, unit)}


def place(company: str, low: float, high: float | None, **fields: Any) -> Answer:  # noqa: ANN401
    shown = {"company": company, "value": amount(low, high), "count": 1, "best_rank": 1, "worst_rank": 1}
    return shown | {"tentative": None, "left_out": [], "needs": []} | fields


def ranking(*places: Answer, **fields: Any) -> Answer:  # noqa: ANN401
    shown = {"by": "contract_value", "unit": "USD", "data": list(places)}
    return _asked() | shown | fields


def record(slug: str) -> dict[str, str]:
    return {"type": "contracts", "slug": slug, "url": f"/v1/contracts/{slug}"}


def party(company: str, low: float, high: float, of: Answer | None = None) -> Answer:
    shown = {"company": company, "amount": of, "share": amount(low, high, "percent")}
    return shown | {"records": [record(f"to-{company}")]}


def whole(*parties: Answer, **fields: Any) -> Answer:  # noqa: ANN401
    shown = {"basis": "amounts", "tentative": False, "unit": "USD", "nature": "money", "period": None}
    figures = {"total": amount(10**9, None), "remainder": amount(0, 0, "percent"), "hhi": amount(1200, 5000, "hhi")}
    return shown | figures | {"parties": list(parties), "left_out": []} | fields


def group(*wholes: Answer, **fields: Any) -> Answer:  # noqa: ANN401
    shown = {"by": "supplier", "kind": "compute", "companies": [], "stated_shares": [], "left_out": []}
    return shown | {"concentrations": list(wholes)} | fields


def exposure(*groups: Answer, **fields: Any) -> Answer:  # noqa: ANN401
    return _asked() | {"company": "hub", "groups": list(groups), "derived": []} | fields


def left_out(company: str, slug: str, reason: str = "undisclosed amount") -> Answer:
    return {"company": company, "record": record(slug), "stage": "active", "amount": None, "reason": reason}


def fact(said: str, title: str = "A deal", field: str = "announced_on", **fields: Any) -> Answer:  # noqa: ANN401
    when = PartialDate.parse(said)
    shown = {"date": said, "earliest": when.earliest, "latest": when.latest, "field": field, "title": title}
    return shown | {"stage": "signed", "record": record("a-deal"), "citations": []} | fields


def timeline(*facts: Answer, following: str | None = None) -> Answer:
    return {"data": list(facts), "next": following}


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - we made it


def of_class(svg: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in svg.iter() if name in (element.get("class") or "").split()]


def texts(svg: ET.Element, name: str) -> list[str]:
    """What stands in the texts of a class."""
    return [element.text or "" for element in of_class(svg, name)]


def marks(svg: ET.Element, style: str) -> list[tuple[float, float]]:
    """From where to where each mark of a style goes in its row, in pixels; the legend is left out."""
    rows = [mark for row in of_class(svg, "dg-row") for mark in of_class(row, f"dg-m-{style}")]
    return [_extent(mark.get("d") or "") for mark in rows]


def _extent(path: str) -> tuple[float, float]:
    """The leftmost and the rightmost place of a path of M, and of m, h, v, l and z relative to it."""
    places = [0.0]
    for letter, first in re.findall(r"([Mmhl])(-?[\d.]+)", path):
        places.append(float(first) if letter == "M" else places[-1] + float(first))
    return min(places[1:]), max(places[1:])


def _asked() -> Answer:
    capped: Answer = {"unknowns": [], "truncated": False, "truncated_by": [], "limits": {}}
    return capped | {"as_of": "2025-03-12", "known_at": None, "revision": 1}
