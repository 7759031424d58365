"""The words that every shape uses: of an edge, of a period, of what was cut and of what is unknown."""

from decimal import Decimal

from app.graph.analysis.model import Edge
from app.graph.render.picture import Picture

FIRM_STAGES = frozenset({"active", "signed"})

_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
# Control characters can rewrite a terminal, bidirectional overrides can reorder the facts after a name, and
# surrogates and the two noncharacters are illegal in XML.
_UNSEEN = [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)]
_VISIBLE = dict.fromkeys([*_UNSEEN, 0xFFFE, 0xFFFF], "\ufffd") | {ord(space): " " for space in _SPACES}


def visible(text: str) -> str:
    """Put a text on one line, each character that would not be seen replaced by U+FFFD (a space if it was one)."""
    # Nearly every text is: to ask first spares a tenth of the time that a picture takes.
    return text if text.isascii() and text.isprintable() else text.translate(_VISIBLE)


def words(name: str) -> str:
    """Spell a kind or a stage as words: ``ai_lab`` is "AI lab"."""
    return visible(name).replace("_", " ").replace("ai ", "AI ")


def number(value: Decimal | None) -> str:
    """Write a number in plain digits, never with an exponent; nothing for an open bound."""
    return "" if value is None else format(value.normalize(), "f")


def counted(count: int, one: str, many: str) -> str:
    """Count in words: "1 company", "8 companies"."""
    return f"{count:,} {one if count == 1 else many}"


def totals(picture: Picture) -> str:
    """Count what a picture holds: "8 companies, 11 dependencies"."""
    companies = counted(len(picture.nodes), "company", "companies")
    return f"{companies}, {counted(len(picture.edges), 'dependency', 'dependencies')}"


def heading(picture: Picture) -> str:
    """Give the title with its date: "OpenAI depends on (as of 2025-03-12)"."""
    return visible(f"{picture.title} (as of {picture.as_of})" if picture.as_of else picture.title)


def narrowing(picture: Picture) -> str:
    """Say what else was asked for, in one line below the heading: nothing where nothing was."""
    return visible(" · ".join(picture.narrowed))


def caption(edge: Edge, *apart: str) -> str:
    """Say what an edge is, what sets it ``apart``, and how much: "compute · USD 11.9 billion"."""
    stated = [quantity.text for quantity in (edge.amount, edge.share) if quantity]
    return visible(" · ".join([words(edge.kind), *apart, *stated]))


def facts(edge: Edge) -> list[str]:
    """Give all that is said of an edge on one line: kind, amount, share, period, stage, whether it only may hold."""
    stage = "" if edge.stage in FIRM_STAGES else words(edge.stage)
    parts = [caption(edge), visible(_period(edge)), stage, "possible" if edge.possible else ""]
    return [part for part in parts if part]


def sentence(edge: Edge, names: dict[str, str]) -> str:
    """Give the edge's own summary, or the like in words where it has none."""
    ends = f"{names[edge.dependent]} depends on {names[edge.on]}"
    return visible(edge.summary or f"{ends}: {' · '.join(facts(edge))}")


def notes(picture: Picture) -> list[str]:
    """Say what was cut and what is not known, one sentence each."""
    cut = [f"Cut at the limit of {' and '.join(map(words, picture.truncated))}: there is more."]
    return (cut if picture.truncated else []) + [f"Not known: {visible(unknown)}" for unknown in picture.unknowns]


def few(said: list[str], most: int = 6) -> list[str]:
    """Keep what there is room for below a picture, and say how much was left out."""
    if len(said) <= most:
        return said
    return [*said[: most - 1], f"And {len(said) - most + 1} more, which the other formats list."]


def part_shown(picture: Picture, shown: Picture) -> str:
    """Say how much of a picture is drawn: "showing 60 of 214 companies"; nothing where it is all of it."""
    companies = (len(shown.nodes), len(picture.nodes), "companies")
    dependencies = (len(shown.edges), len(picture.edges), "dependencies")
    parts = [f"{some:,} of {all_:,} {what}" for some, all_, what in (companies, dependencies) if some < all_]
    return f"showing {' and '.join(parts)}" if parts else ""


def _period(edge: Edge) -> str:
    if edge.since and edge.until:
        return edge.since if edge.since == edge.until else f"{edge.since} to {edge.until}"
    return f"since {edge.since}" if edge.since else f"until {edge.until}" if edge.until else ""
