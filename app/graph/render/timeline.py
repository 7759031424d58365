"""Dated facts along time: each as wide as its date was said, since no day was said that nobody said."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from app.graph.render import chart
from app.graph.render.chart import Chart
from app.graph.render.labels import counted, words
from app.graph.render.marks import Mark, Style, styled
from app.graph.render.rows import Row, Section
from app.graph.render.scale import of_days
from app.graph.render.sheet import Key
from app.projection.lifetime import ENDING_STAGES, NOT_BINDING

_COLORS: Final = {
    "contracts": "compute",
    "investments": "capital",
    "fleets": "hardware",
    "metrics": "revenue",
    "events": "partnership",
}
_TELLING: Final = NOT_BINDING | ENDING_STAGES
_SAMPLE: Final = "m6,0 a5,5 0 1,0 10,0 a5,5 0 1,0 -10,0 z"


def render(
    answer: Mapping[str, Any],
    about: str = "",
    *,
    narrowed: Sequence[str] = (),
    link: str | None = None,
    width: int | None = None,
) -> str:
    """Return an answer of ``/v1/timeline`` as an SVG document.

    ``about`` names the companies that it is about, ``narrowed`` says what else was asked for.
    """
    facts = answer["data"]
    spans = [(_day(one["earliest"]), _day(one["latest"])) for one in facts]
    rows = [_row(one, *span) for one, span in zip(facts, spans, strict=True)]
    types = {one["record"]["type"]: None for one in facts}
    drawn = Chart(
        title=f"Timeline of {about}" if about else "Timeline",
        subtitle=f"{counted(len(facts), 'dated fact', 'dated facts')}{_reach(spans)}",
        sections=[Section(rows, of_days(spans))] if rows else [],
        narrowed=" · ".join(narrowed),
        cut="There are later facts, which this page of the timeline does not hold." if answer["next"] else "",
        notes=[] if rows else ["No dated fact is recorded here."],
        keys=[Key(styled("certain", kind), name, _SAMPLE) for name, kind in _COLORS.items() if name in types],
        link=link,
    )
    return chart.render(drawn, width)


def _row(fact: Mapping[str, Any], earliest: date, latest: date) -> Row:
    # An event has but one date, and of a deal that goes on the date itself says enough.
    field = "" if fact["field"] == "date" else words(fact["field"])
    stage = words(fact["stage"]) if fact["stage"] in _TELLING else ""
    said = " · ".join(filter(None, [field, stage]))
    kind = _COLORS.get(fact["record"]["type"], "other")
    mark = Mark(_style(fact, earliest, latest), earliest.toordinal(), latest.toordinal() + 1, kind)
    sentence = f"{fact['date']}: {fact['title']}{said and f' ({said})'}."
    return Row(fact["title"], said, sentence, (mark,), fact["date"], fact["record"]["url"])


def _style(fact: Mapping[str, Any], earliest: date, latest: date) -> Style:
    if fact["date"].endswith("~"):
        return "about"
    if fact["field"] == "period":
        return "period"
    return "day" if earliest == latest else "within"


def _reach(spans: Iterable[tuple[date, date]]) -> str:
    listed = list(spans)
    if not listed:
        return ""
    first, last = min(start for start, _ in listed), max(end for _, end in listed)
    return f" · {first.year} to {last.year}" if first.year < last.year else f" · {first.year}"


def _day(value: date | str) -> date:
    """A day as an answer has it before or after it was written as JSON."""
    return date.fromisoformat(value) if isinstance(value, str) else value
