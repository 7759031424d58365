"""Rows of a chart: a name, what is drawn of it along a scale, and what is said of it, beside or below each other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.graph.render.layout import Point
from app.graph.render.marks import HEIGHT, Mark, along
from app.graph.render.measure import pixels
from app.graph.render.plan import fitted, wrapped
from app.graph.render.scale import TICK_SIZE, Scale
from app.graph.render.sheet import Drawing, label, linked, text_of

_NAME: Final = 13.0
_SAID: Final = 12.0
_GAP: Final = 14.0
_STRIP_HEIGHT, _LINE_HEIGHT, _AXIS_HEIGHT = 24.0, 16.0, 20.0
_LEAST_NAME, _LEAST_STRIP = 130.0, 180.0
# Of the room there is: what the strip has at least, and what the other columns have at most.
_LEAST_PART, _MOST_NAME, _MOST_SAID = 0.28, 0.46, 0.42


@dataclass(frozen=True, slots=True)
class Row:
    """A name after its ``lead`` (a rank, a date), what is drawn, what is said, the sentence of it all, and a link.

    A ``minor`` one belongs to the row before it.
    """

    name: str
    said: str
    sentence: str
    marks: Sequence[Mark] = ()
    lead: str = ""
    link: str | None = None
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Rows along one scale, under a heading; without a scale they are only said."""

    rows: Sequence[Row]
    scale: Scale | None = None
    heading: str = ""
    said: str = ""


@dataclass
class _Page:
    """What has been drawn so far, and how far down it goes."""

    room: float
    elements: list[str] = field(default_factory=list)
    y: float = 0.0

    def text(self, style: str, x: float, text: str, *, size: float = _SAID, room: float | None = None) -> None:
        """Write a line at the current height."""
        if text:
            cut = fitted(text, self.room - x if room is None else room, size)
            self.elements.append(label(style, Point(x, self.y), cut))


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the parts of a row stand; ``stacked``: one below another, for want of room.

    ``beside``: what is said still fits beside the name.
    """

    name: float
    strip: float
    said: float
    end: float
    stacked: bool
    beside: bool = True

    @property
    def strip_width(self) -> float:
        return (self.end if self.stacked else self.said - _GAP) - self.strip


def drawn(sections: Sequence[Section], room: float) -> Drawing:
    """Draw sections one below another, in so many pixels of width."""
    page = _Page(room)
    for number, section in enumerate(sections):
        page.y += 22 if number else 0
        _section(page, section, _columns(sections, room))
    return Drawing(page.elements, room, page.y)


def _columns(sections: Sequence[Section], room: float) -> _Columns:
    """All sections have their columns at the same places."""
    rows = [row for section in sections for row in section.rows]
    lead = _widest((row.lead for row in rows), _SAID)
    name = lead + _GAP if lead else 0.0
    said = room - min(_widest((row.said for row in rows), _SAID), _MOST_SAID * room)
    most = said - 2 * _GAP - name - max(_LEAST_STRIP, _LEAST_PART * room)
    if most < _LEAST_NAME:
        beside = all(pixels(row.name, _NAME) + _GAP + pixels(row.said, _SAID) <= room - name for row in rows)
        return _Columns(name, name, room, room, stacked=True, beside=beside)
    named = min(_widest((row.name for row in rows), _NAME), most, _MOST_NAME * room)
    return _Columns(name, name + named + _GAP, said, room, stacked=False)


def _widest(texts: Iterable[str], size: float) -> float:
    # What is as wide as its column must not be cut for a rounded digit.
    return max((pixels(text, size) + 1 for text in texts if text), default=0.0)


def _section(page: _Page, section: Section, columns: _Columns) -> None:
    page.y += -2 if section.heading else 0
    for line in wrapped(section.heading, page.room, _NAME) if section.heading else ():
        page.y += _LINE_HEIGHT
        page.text("dg-head", 0, line, size=_NAME)
    for line in wrapped(section.said, page.room, _SAID) if section.said else ():
        page.y += _LINE_HEIGHT
        page.text("dg-said", 0, line)
    page.y += 8 if section.heading else 0
    if section.scale and section.scale.axes:
        _axis(page, section.scale, columns)
    for row in section.rows:
        _row(page, row, section.scale, columns)


def _axis(page: _Page, scale: Scale, columns: _Columns) -> None:
    page.y += _AXIS_HEIGHT - 6
    for tick in scale.ticks(columns.strip_width):
        x, half = columns.strip + columns.strip_width * scale.part(tick.value), pixels(tick.text, TICK_SIZE) / 2
        style = "dg-tick dg-end" if x + half > page.room else "dg-tick dg-middle" if x >= half else "dg-tick"
        page.elements.append(label(style, Point(x, page.y), tick.text))
    page.y += 6


def _row(page: _Page, row: Row, scale: Scale | None, columns: _Columns) -> None:
    inner = _Page(page.room, y=page.y)
    (_stacked_row if columns.stacked else _wide_row)(inner, row, scale, columns)
    drawn_row = linked(row.link, *inner.elements) if row.link else "".join(inner.elements)
    page.elements.append(f'<g class="dg-row"><title>{text_of(row.sentence)}</title>{drawn_row}</g>')
    page.y = inner.y


def _wide_row(page: _Page, row: Row, scale: Scale | None, columns: _Columns) -> None:
    middle = page.y + _STRIP_HEIGHT / 2
    _strip(page, row, scale, columns, middle)
    page.y = middle + 4.5
    page.text("dg-said", 0, row.lead, room=columns.name - _GAP)
    page.text(_style(row), columns.name, row.name, size=_NAME, room=columns.strip - _GAP - columns.name)
    page.text("dg-said", columns.said if scale else columns.strip, row.said)
    page.y = middle + _STRIP_HEIGHT / 2


def _stacked_row(page: _Page, row: Row, scale: Scale | None, columns: _Columns) -> None:
    page.y += _LINE_HEIGHT
    page.text("dg-said", 0, row.lead, room=columns.name)
    page.text(_style(row), columns.name, row.name, size=_NAME)
    if columns.beside:
        page.text("dg-said dg-end", page.room, row.said, room=page.room)
    for line in wrapped(row.said, page.room - columns.name, _SAID) if row.said and not columns.beside else ():
        page.y += _LINE_HEIGHT
        page.text("dg-said", columns.name, line)
    page.y += 5
    if scale:
        middle = page.y + _STRIP_HEIGHT / 2 - 3
        _strip(page, row, scale, columns, middle)
        page.y = middle + _STRIP_HEIGHT / 2 + 3


def _style(row: Row) -> str:
    return "dg-item dg-minor" if row.minor else "dg-item"


def _strip(page: _Page, row: Row, scale: Scale | None, columns: _Columns, middle: float) -> None:
    if scale is None:
        return
    left, width = columns.strip, columns.strip_width
    reach = _STRIP_HEIGHT / 2 if not columns.stacked else HEIGHT / 2 + 2
    places = [left + width * scale.part(tick.value) for tick in scale.ticks(width)]
    if places:
        lines = "".join(f"M{x:.1f},{middle - reach:.1f} v{2 * reach:.1f}" for x in places)
        page.elements.append(f'<path class="dg-grid" d="{lines}"/>')
    page.elements += [along(mark, scale, left, width, middle) for mark in row.marks]
