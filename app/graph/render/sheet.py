"""The sheet that a picture is drawn on: its title, ground, legend, notes and style, whatever stands in the middle."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from app.graph.render.labels import visible
from app.graph.render.layout import Point
from app.graph.render.measure import pixels
from app.graph.render.palette import BORDER, GROUND, INK, KINDS, LOOP, MUTED, TINTS, Shade
from app.graph.render.plan import KIND_SIZE, LABEL_SIZE, NAME_SIZE, fitted

MARGIN = 24.0
_MIN_WIDTH = 480.0
_TITLE, _SMALL = 17.0, 12.0
_ROW = 20.0
_SWATCH = 30.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """What stands in the middle of a sheet: SVG elements from 0,0 to that width and height."""

    elements: Sequence[str]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: the class of its sample stroke and what it means."""

    style: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The words round a drawing; ``link`` is the relative address that the first note leads to."""

    title: str
    subtitle: str
    description: str
    keys: Sequence[Key]
    notes: Sequence[str]
    link: str | None = None

    def around(self, drawing: Drawing, width: int | None) -> str:
        """Return the whole SVG document, at its natural size or scaled to a width in pixels."""
        breadth = max(_MIN_WIDTH, drawing.width + 2 * MARGIN)
        room = breadth - 2 * MARGIN
        legend, legend_height = self._legend(room)
        left, above = (breadth - drawing.width) / 2, MARGIN + 56
        below = above + drawing.height + 26
        notes = self._notes(below + legend_height + 4, room)
        height = below + legend_height + len(self.notes) * _ROW + MARGIN - 10
        parts = [
            *self._opening(breadth, height, width),
            *self._headings(room),
            f'<g transform="translate({left:.1f} {above:.1f})">',
            *drawing.elements,
            "</g>",
            f'<g transform="translate({MARGIN:g} {below:.1f})">',
            *legend,
            "</g>",
            *notes,
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _opening(self, breadth: float, height: float, width: int | None) -> list[str]:
        # Several pictures may be put into one page, where ids are shared.
        name = f"dg{zlib.crc32(f'{self.title}{self.subtitle}{self.description}'.encode(errors='replace')):08x}"
        shown = breadth if width is None else width
        size = f'viewBox="0 0 {breadth:.0f} {height:.0f}" width="{shown:.0f}" height="{height * shown / breadth:.0f}"'
        described = f'role="img" aria-labelledby="{name}-t {name}-d"'
        return [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="dg" {described} {size}>',
            f'<title id="{name}-t">{text_of(self.title)}</title>',
            f'<desc id="{name}-d">{text_of(self.description)}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="dg-ground" width="{breadth:.0f}" height="{height:.0f}" rx="10"/>',
        ]

    def _headings(self, room: float) -> list[str]:
        return [
            label("dg-title", Point(MARGIN, MARGIN + 16), fitted(self.title, room, _TITLE)),
            label("dg-small", Point(MARGIN, MARGIN + 36), fitted(self.subtitle, room, _SMALL)),
        ]

    def _legend(self, room: float) -> tuple[list[str], float]:
        """Set the entries one after another, in as many rows as they need; return them and their height."""
        elements, x, y = [], 0.0, 0.0
        for key in self.keys:
            width = _SWATCH + pixels(key.meaning, _SMALL) + 14
            if x and x + width > room:
                x, y = 0.0, y + _ROW
            elements.append(f'<path class="{key.style}" d="M{x:.1f},{y:.1f} h22"/>')
            elements.append(label("dg-small", Point(x + _SWATCH, y + 4), key.meaning))
            x += width
        return elements, y + _ROW if self.keys else 0.0

    def _notes(self, top: float, room: float) -> list[str]:
        lines = []
        for number, note in enumerate(self.notes):
            line = label("dg-small", Point(MARGIN, top + number * _ROW), fitted(note, room, _SMALL), full=note)
            lines.append(linked(self.link, line) if self.link and not number else line)
        return lines


def text_of(text: str) -> str:
    """Escape a text for XML, in one line."""
    return escape(visible(text))


def label(style: str, at: Point, text: str, *, full: str = "", kind: str = "") -> str:
    """Write a text, after a dot in the colour of ``kind``; ``full`` is what a reader gets on pointing at it."""
    tip = f"<title>{text_of(full)}</title>" if full not in {"", text} else ""
    dot = f'<tspan class="dg-h-{kind}">● </tspan>' if kind else ""
    return f'<text class="{style}" x="{at.x:.1f}" y="{at.y:.1f}">{dot}{text_of(text)}{tip}</text>'


def linked(address: str, *elements: str) -> str:
    """Make elements a link."""
    return f"<a href={quoteattr(visible(address))}>{''.join(elements)}</a>"


def _rules(shade_of: str) -> Iterable[str]:
    def color(shade: Shade) -> str:
        return shade.light if shade_of == "light" else shade.dark

    yield f".dg-ground{{fill:{color(GROUND)}}}"
    yield f".dg-title,.dg-name{{fill:{color(INK)}}}"
    yield f".dg-small,.dg-kind,.dg-label,.dg-mixed{{fill:{color(MUTED)}}}"
    yield f".dg-label{{stroke:{color(GROUND)}}}"
    yield f".dg-box{{stroke:{color(BORDER)}}}"
    yield f".dg-root .dg-box{{fill:{color(INK)};stroke:{color(INK)}}}"
    yield f".dg-root .dg-name,.dg-root .dg-kind{{fill:{color(GROUND)}}}"
    yield f".dg-loop{{stroke:{color(LOOP)}}}"
    yield from (f".dg-{kind}{{fill:{color(tint)}}}" for kind, tint in TINTS.items())
    yield from (f".dg-k-{kind}{{stroke:{color(shade)}}}" for kind, shade in KINDS.items())
    yield from (f".dg-h-{kind}{{fill:{color(shade)}}}" for kind, shade in KINDS.items())


_FACES = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans',sans-serif"
STYLE = "\n".join(
    [
        f".dg text{{font-family:{_FACES};unicode-bidi:plaintext}}",
        f".dg-title{{font-size:{_TITLE:g}px;font-weight:600}}.dg-small{{font-size:{_SMALL:g}px}}",
        f".dg-name{{font-size:{NAME_SIZE:g}px;font-weight:600}}.dg-kind{{font-size:{KIND_SIZE:g}px}}",
        f".dg-label{{font-size:{LABEL_SIZE:g}px}}.dg-name,.dg-kind,.dg-label{{text-anchor:middle}}",
        ".dg-label{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}",
        ".dg-stroke{fill:none;stroke-width:2.2px}.dg-dashed{stroke-dasharray:7 4}",
        ".dg-dotted{stroke-dasharray:0 5;stroke-linecap:round;stroke-width:2.8px}",
        ".dg-dashed.dg-dotted{stroke-dasharray:7 6 0 6}",
        ".dg-loop,.dg-touch{fill:none;stroke-width:12px}.dg-loop{stroke-opacity:.45}",
        ".dg-touch{stroke:#888;stroke-opacity:0}.dg-line:hover .dg-touch{stroke-opacity:.2}",
        ".dg a:hover text,.dg a .dg-small{text-decoration:underline}.dg-box{stroke-width:1px}",
        *_rules("light"),
        f"@media (prefers-color-scheme:dark){{{''.join(_rules('dark'))}}}",
    ]
)
