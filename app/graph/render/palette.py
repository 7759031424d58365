"""The colours of dependency kinds and company kinds, on a light and on a dark ground.

Every line colour keeps a contrast of 3:1 to its ground (WCAG 2.2, 1.4.11), and every two of them stay apart for
protan, deutan and tritan eyes: the tests compute both.
"""

from typing import NamedTuple


class Shade(NamedTuple):
    """One colour as it is on a light and on a dark ground."""

    light: str
    dark: str


GROUND = Shade("#ffffff", "#10161f")
INK = Shade("#1b2430", "#e8edf4")
MUTED = Shade("#5b6675", "#9aa7b8")
BORDER = Shade("#c6ceda", "#3b4758")
LOOP = Shade("#f3c64b", "#8a6a14")

KINDS = {
    "compute": Shade("#3945c9", "#626df0"),
    "hardware": Shade("#b65404", "#fe7a08"),
    "technology": Shade("#029dd5", "#66d3ff"),
    "energy": Shade("#bd8b00", "#f5d14d"),
    "colocation": Shade("#7a3b06", "#b0672c"),
    "partnership": Shade("#eb4ca1", "#fd97b7"),
    "capital": Shade("#5d048d", "#be89ff"),
    "revenue": Shade("#1a8a6b", "#1eb96f"),
    "ownership": Shade("#1f2f4d", "#e5eef2"),
    "other": Shade("#675270", "#898395"),
}

TINTS = {
    "ai_lab": Shade("#f3effb", "#262136"),
    "cloud_provider": Shade("#ebf3fc", "#182739"),
    "chip_vendor": Shade("#fdf1e7", "#33251a"),
    "software": Shade("#e8f6f8", "#15292e"),
    "investor": Shade("#fbeef4", "#33202b"),
    "joint_venture": Shade("#edf6ec", "#1b2c1f"),
    "energy": Shade("#fbf6df", "#2f2a16"),
    "other": Shade("#f3f5f8", "#1d2530"),
}


def kind_shade(kind: str) -> Shade:
    """Give the colour of a dependency kind; that of ``other`` for a kind without its own."""
    return KINDS.get(kind, KINDS["other"])
