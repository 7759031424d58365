"""Reads a page as a browser does, and says what is on it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from httpx import AsyncClient, Response

_OWN = ("/v1", "/docs", "/static")


@dataclass
class Seen(HTMLParser):
    """The elements of a page, each with its attributes, and its text."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element with a name."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def links(self) -> list[str]:
        """Where the page leads within the explorer."""
        found = [one["href"] for one in self.all("a") if one.get("href", "").startswith("/")]
        return [link for link in found if not link.startswith(_OWN)]


def read(reply: Response) -> Seen:
    """The page that was sent."""
    seen = Seen()
    seen.feed(reply.text)
    return seen


async def opened(client: AsyncClient, address: str, status: int = 200) -> Seen:
    """A page of the explorer; it has to come with the status."""
    reply = await client.get(address)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "text/html; charset=utf-8"), address
    return read(reply)
