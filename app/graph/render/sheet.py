"""The sheet that a picture is drawn on: its title, ground, legend, notes and style, whatever stands in the middle."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from app.graph.render.labels import visible
from app.graph.render.layout import Point
from app.graph.render.measure import pixels
from app.graph.render.palette import BORDER, GROUND, INK, KINDS, LOOP, MUTED, TINTS, Shade
from app.graph.render.plan import KIND_SIZE, LABEL_SIZE, NAME_SIZE, fitted, wrapped

MARGIN = 24.0
_MIN_WIDTH = 480.0
_TITLE, _SMALL = 17.0, 12.0
_ROW, _LINE, _TITLE_LINE = 20.0, 16.0, 22.0
_SWATCH = 30.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """What stands in the middle of a sheet: SVG elements from 0,0 to that width and height."""

    elements: Sequence[str]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend: the class of its sample, what it means, and the SVG path that the sample is."""

    style: str
    meaning: str
    shape: str = "h22"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The words round a drawing; ``link`` is the relative address that the first note leads to.

    ``narrowed``: what else was asked for, below the subtitle, in as many lines as it needs.
    ``wrapped``: the others go on in another line too where there is no room, rather than being cut.
    """

    title: str
    subtitle: str
    description: str
    keys: Sequence[Key]
    notes: Sequence[str]
    link: str | None = None
    min_width: float = _MIN_WIDTH
    wrapped: bool = False
    narrowed: str = ""

    def around(self, drawing: Drawing, width: int | None) -> str:
        """Return the whole SVG document, at its natural size or scaled to a width in pixels."""
        breadth = max(self.min_width, drawing.width + 2 * MARGIN)
        room = breadth - 2 * MARGIN
        legend, legend_height = self._legend(room)
        headings, headings_height = self._headings(room)
        left, above = (breadth - drawing.width) / 2, headings_height + 20
        below = above + drawing.height + 26
        notes, notes_height = self._notes(below + legend_height + 4, room)
        height = below + legend_height + notes_height + MARGIN - 10
        parts = [
            *self._opening(breadth, height, width),
            *headings,
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
        described = f"{self.description} Asked for: {self.narrowed}." if self.narrowed else self.description
        # Several pictures may be put into one page, where ids are shared.
        name = f"dg{zlib.crc32(f'{self.title}{self.subtitle}{described}'.encode(errors='replace')):08x}"
        shown = breadth if width is None else width
        size = f'viewBox="0 0 {breadth:.0f} {height:.0f}" width="{shown:.0f}" height="{height * shown / breadth:.0f}"'
        role = f'role="img" aria-labelledby="{name}-t {name}-d"'
        return [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="dg" {role} {size}>',
            f'<title id="{name}-t">{text_of(self.title)}</title>',
            f'<desc id="{name}-d">{text_of(described)}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="dg-ground" width="{breadth:.0f}" height="{height:.0f}" rx="10"/>',
        ]

    def _headings(self, room: float) -> tuple[list[str], float]:
        """Set the title and what stands below it; return them and how far down they go."""
        titles, subtitles = self._lines(self.title, room, _TITLE), self._lines(self.subtitle, room, _SMALL)
        subtitles += wrapped(self.narrowed, room, _SMALL) if self.narrowed else []
        rows = [("dg-title", MARGIN + 16 + number * _TITLE_LINE, line) for number, line in enumerate(titles)]
        under = rows[-1][1] + _ROW
        rows += [("dg-small", under + number * _LINE, line) for number, line in enumerate(subtitles)]
        return [label(style, Point(MARGIN, y), line) for style, y, line in rows], rows[-1][1]

    def _legend(self, room: float) -> tuple[list[str], float]:
        """Set the entries one after another, in as many rows as they need; return them and their height."""
        elements, x, y = [], 0.0, 0.0
        for key in self.keys:
            width = _SWATCH + pixels(key.meaning, _SMALL) + 14
            if x and x + width > room:
                x, y = 0.0, y + _ROW
            elements.append(f'<path class="{key.style}" d="M{x:.1f},{y:.1f} {key.shape}"/>')
            elements.append(label("dg-small", Point(x + _SWATCH, y + 4), key.meaning))
            x += width
        return elements, y + _ROW if self.keys else 0.0

    def _notes(self, top: float, room: float) -> tuple[list[str], float]:
        """Set the notes one below another; return them and their height."""
        elements, y = [], top
        for number, note in enumerate(self.notes):
            lines = self._lines(note, room, _SMALL)
            texts = [
                label("dg-small", Point(MARGIN, y + row * _LINE), line, full="" if len(lines) > 1 else note)
                for row, line in enumerate(lines)
            ]
            elements += [linked(self.link, *texts)] if self.link and not number else texts
            y += _ROW + (len(lines) - 1) * _LINE
        return elements, y - top

    def _lines(self, text: str, room: float, size: float) -> list[str]:
        return wrapped(text, room, size) if self.wrapped else [fitted(text, room, size)]


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
    yield f".dg-title,.dg-name,.dg-item,.dg-head{{fill:{color(INK)}}}"
    yield f".dg-small,.dg-kind,.dg-label,.dg-mixed,.dg-said,.dg-tick,.dg-minor{{fill:{color(MUTED)}}}"
    yield f".dg-grid{{stroke:{color(BORDER)}}}"
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
        ".dg-touch,.dg-loop{fill:none;stroke-width:12px}.dg-touch{stroke:#888;stroke-opacity:0}",
        ".dg-line:hover .dg-touch{stroke-opacity:.2}",
        ".dg-loop{stroke-opacity:.45}.dg-line:hover .dg-loop{stroke-opacity:.7}",
        ".dg a:hover text,.dg a .dg-small{text-decoration:underline}.dg-box{stroke-width:1px}",
        ".dg-item,.dg-head{font-size:13px}.dg-said{font-size:12px}.dg-tick{font-size:11px}.dg-head{font-weight:600}",
        ".dg-middle{text-anchor:middle}.dg-end{text-anchor:end}.dg-grid{fill:none;stroke-width:1px;stroke-opacity:.7}",
        "[class^=dg-m-]{stroke-width:1.4px}.dg-m-certain,.dg-m-period{stroke-opacity:0}",
        ".dg-m-possible,.dg-m-within{fill-opacity:.22}.dg-m-open{fill-opacity:.18;stroke-opacity:0}",
        ".dg-m-planned,.dg-m-about{fill-opacity:0;stroke-dasharray:3 2}",
        *_rules("light"),
        f"@media (prefers-color-scheme:dark){{{''.join(_rules('dark'))}}}",
    ]
)
