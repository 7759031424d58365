"""Which writing systems a name mixes: letters that look alike across them can pass one name off as another (UTS 39)."""

import unicodedata
from typing import Final

from fontTools import unicodedata as unicode_data

_ANY: Final = frozenset({"Zyyy", "Zinh", "Zzzz"})
"""Common, inherited and unknown: what goes with every writing system."""
# UTS 39, 5.1: the systems that are made of several scripts.
_SYSTEMS: Final = {
    "Hani": ("Hanb", "Jpan", "Kore"),
    "Hira": ("Jpan",),
    "Kana": ("Jpan",),
    "Bopo": ("Hanb",),
    "Hang": ("Kore",),
}
_BESIDE_LATIN: Final = ("Hanb", "Jpan", "Kore")


def mixture(name: str) -> str | None:
    """What is odd about the letters of a name, as a sentence in ASCII; None for an ordinary one.

    Odd is what UTS 39 (5.2) does not count as highly restrictive, which is one writing system, or Latin beside Chinese,
    Japanese or Korean; and what cannot be seen, such as a mark that turns the direction of writing.
    """
    if name.isascii():
        return None
    if unseen := [sign for sign in name if unicodedata.category(sign) == "Cf"]:
        return f"it holds U+{ord(unseen[0]):04X}, which cannot be seen"
    systems = [found for sign in name if (found := _systems(sign))]
    if not systems or frozenset.intersection(*systems):
        return None
    if any(all(found & {"Latn", beside} for found in systems) for beside in _BESIDE_LATIN):
        return None
    scripts = {unicode_data.script(sign) for sign in name} - _ANY
    return f"it mixes letters of {' and '.join(sorted(map(unicode_data.script_name, scripts)))}"


def _systems(sign: str) -> frozenset[str]:
    """The writing systems that a character belongs to (UTS 39, 5.1); none where it goes with every one."""
    scripts = frozenset(unicode_data.script_extension(sign))
    if scripts & _ANY:
        return frozenset()
    return scripts.union(*(_SYSTEMS.get(script, ()) for script in scripts))
