"""An answer of the graph before it has a shape."""

from collections.abc import Callable
from typing import NamedTuple

from app.graph.render.picture import Picture


class Answered(NamedTuple):
    """What the store held at a revision, as JSON and as what can be drawn; each is made when it is wanted.

    ``small``: whether its JSON is made so soon that a thread for it would cost more.
    """

    revision: int
    as_json: Callable[[], str]
    as_picture: Callable[[], Picture]
    small: bool = False
