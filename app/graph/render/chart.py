"""A chart: sections of rows, as many as there is room for, on the sheet of every picture."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.graph.render.labels import few
from app.graph.render.marks import MEANINGS, SAMPLES, styled
from app.graph.render.rows import Section, drawn
from app.graph.render.sheet import MARGIN, Key, Sheet

MAX_ROWS: Final = 60
"""How many rows a chart draws: as many as a screen shows at a glance, and a picture of some 40 KB."""
NATURAL_WIDTH: Final = 960
_WIDTHS: Final = (320, 1600)
"""The widths that a chart is laid out for. A narrower or a wider one is scaled."""


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn and said.

    ``narrowed`` is what else was asked for, in one line below the subtitle.
    ``cut`` says that the answer is not whole, if it is not; ``link`` is the relative address of the answer in numbers.
    """

    title: str
    subtitle: str
    sections: Sequence[Section]
    narrowed: str = ""
    cut: str = ""
    notes: Sequence[str] = ()
    keys: Sequence[Key] = ()
    link: str | None = None


def render(chart: Chart, width: int | None = None) -> str:
    """Return a chart as an SVG document, laid out for a width in pixels; what is past MAX_ROWS is said, not drawn."""
    shown = _first_rows(chart.sections)
    total, some = (sum(len(section.rows) for section in sections) for sections in (chart.sections, shown))
    breadth = min(max(width or NATURAL_WIDTH, _WIDTHS[0]), _WIDTHS[1])
    drawn_part = f"Showing {some:,} of {total:,} rows; all are in the numbers." if some < total else ""
    cut = [note for note in (drawn_part, chart.cut) if note]
    said = [part for section in shown for part in _sentences(section)]
    sheet = Sheet(
        title=chart.title,
        subtitle=chart.subtitle,
        description=" ".join(filter(None, [f"{chart.subtitle}.", *said, *cut, *chart.notes])),
        keys=[*chart.keys, *_legend(shown)],
        notes=[*cut, *few(list(chart.notes))],
        link=chart.link if cut else None,
        min_width=_WIDTHS[0],
        wrapped=True,
        narrowed=chart.narrowed,
    )
    return sheet.around(drawn(shown, breadth - 2 * MARGIN), width)


def _first_rows(sections: Sequence[Section]) -> list[Section]:
    """The first rows of every section, as many of each as leave room for the others."""

    def all_together(each: int) -> int:
        return sum(min(each, len(section.rows)) for section in sections)

    each = max((most for most in range(1, MAX_ROWS + 1) if all_together(most) <= MAX_ROWS), default=1)
    return [_cut(section, each) for section in sections[:MAX_ROWS]]


def _cut(section: Section, most: int) -> Section:
    if len(section.rows) <= most:
        return section
    heading = section.heading and f"{section.heading} ({most} of {len(section.rows):,})"
    return replace(section, rows=section.rows[:most], heading=heading)


def _sentences(section: Section) -> Iterable[str]:
    if section.heading:
        yield f"{section.heading}: {section.said}." if section.said else f"{section.heading}."
    yield from (row.sentence for row in section.rows)


def _legend(sections: Sequence[Section]) -> list[Key]:
    """An entry for each style that is drawn, in the colour of the chart if it has one."""
    marks = [mark for section in sections for row in section.rows for mark in row.marks]
    kinds = {mark.kind for mark in marks}
    kind, drawn_styles = kinds.pop() if len(kinds) == 1 else "other", {mark.style for mark in marks}
    return [Key(styled(style, kind), MEANINGS[style], SAMPLES[style]) for style in SAMPLES if style in drawn_styles]
