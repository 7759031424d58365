"""Pictures of the API inside of a page: their nodes and lines lead to pages, and their style is in our style sheet.

An ``<img>`` could not be clicked, and the policy of a page forbids a style of a picture's own. What the picture says is
escaped where it is drawn, and nothing but its frame is changed here.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup, escape

# In a picture "<" stands before nothing but its own elements.
_STYLE: Final = re.compile(r"<style>.*?</style>\n?", re.DOTALL)
_GROUND: Final = re.compile(r'<rect class="dg-ground"[^>]*/>\n?')
_HEADING: Final = re.compile(r'<text class="dg-title"[^>]*>.*?</text>\n?')
_SIZE: Final = re.compile(r'viewBox="0 0 (\d+) (\d+)" width="\d+" height="\d+"')
_HEAD: Final = 40
_RECORD: Final = re.compile(r'<a href="/v1/([a-z]+)/([A-Za-z0-9._~%-]+)"')


def inlined(picture: str, clocks: Sequence[tuple[str, str]]) -> Markup:
    """An SVG document as a part of a page; links to companies keep the clocks of the page."""
    query = f"?{escape(urlencode(clocks))}" if clocks else ""

    def to_page(link: re.Match[str]) -> str:
        resource, slug = link.groups()
        return f'<a href="/{resource}/{slug}{query if resource == "companies" else ""}"'

    drawn = picture
    for frame in (_STYLE, _GROUND, _HEADING):
        drawn = frame.sub("", drawn, count=1)
    drawn = _SIZE.sub(_without_heading, drawn, count=1)
    # What can be clicked is no image: a reader of the screen would not get to its links.
    drawn = drawn.replace('role="img"', 'role="group"', 1)
    return Markup(_RECORD.sub(to_page, drawn))  # noqa: S704 - escaped where it was drawn


def _without_heading(size: re.Match[str]) -> str:
    """The page has a heading of its own."""
    width, height = int(size[1]), int(size[2]) - _HEAD
    return f'viewBox="0 {_HEAD} {width} {height}" width="{width}" height="{height}"'
