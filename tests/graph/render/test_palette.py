import math
from itertools import combinations

import pytest

from app.graph.render.palette import BORDER, GROUND, INK, KINDS, LOOP, MUTED, TINTS

Color = tuple[float, ...]
# Machado, Oliveira and Fernandes (2009), severity 1: what a colour looks like to each kind of eye.
EYES = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
# Ottosson (2020): from linear sRGB to the cone responses of Oklab, and from their cube roots to L, a and b.
CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
OKLAB = (
    (0.2104542553, 0.793617785, -0.0040720468),
    (1.9779984951, -2.428592205, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.808675766),
)


def linear(color: str) -> Color:
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return tuple(one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)


def times(matrix: tuple[Color, ...], color: Color) -> Color:
    return tuple(sum(a * b for a, b in zip(row, color, strict=True)) for row in matrix)


def contrast(one: str, other: str) -> float:
    """Compute the contrast ratio of WCAG 2.2."""
    light, dark = sorted((sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) + 0.05)
                         for c in (one, other))[::-1]  # fmt: skip
    return light / dark


def perceived(color: str, eye: str) -> Color:
    seen = tuple(min(1.0, max(0.0, part)) for part in times(EYES[eye], linear(color)))
    return times(OKLAB, tuple(max(cone, 0.0) ** (1 / 3) for cone in times(CONES, seen)))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_line_stands_out_from_its_ground(theme: int) -> None:
    assert {kind: shade for kind, shade in KINDS.items() if contrast(shade[theme], GROUND[theme]) < 3} == {}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read_on_what_is_under_it(theme: int) -> None:
    grounds = [GROUND, *TINTS.values()]
    assert all(contrast(text[theme], ground[theme]) >= 4.5 for text in (INK, MUTED) for ground in grounds)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_no_two_kinds_look_alike_to_anybody(theme: int, eye: str) -> None:
    seen = {kind: perceived(shade[theme], eye) for kind, shade in KINDS.items()}
    assert [pair for pair in combinations(seen, 2) if math.dist(seen[pair[0]], seen[pair[1]]) < 0.1] == []


def test_all_colours_are_written_alike() -> None:
    shades = [GROUND, INK, MUTED, BORDER, LOOP, *KINDS.values(), *TINTS.values()]
    assert all(len(color) == 7 and int(color[1:], 16) >= 0 for shade in shades for color in shade)
