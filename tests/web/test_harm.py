"""Names, texts and links that are meant to do harm stand on pages as text."""

import pytest
from httpx import AsyncClient
from markupsafe import Markup

from app.web.pictures import inlined
from app.web.shown import bar, here, web_address
from tests.conftest import serving
from tests.web.reading import opened
from tests.web.world import MARKUP

PAGES = (
    "/",
    "/companies",
    "/companies/evil",
    "/companies/evil/about",
    "/companies/evil/records",
    "/companies/evil/exposure",
    "/companies/openai/impact",
    "/companies/evil/timeline",
    "/contracts",
    "/contracts/evil-deal",
    "/sources",
    "/sources/hostile",
    "/search?q=onerror",
    "/search?q=%3Cimg%20src%3Dx%20onerror%3D%22alert(1)%22%3E",
    "/paths?from=evil&to=openai",
    "/loops?company=openai",
    "/compare?company=evil&company=openai",
    "/timeline?company=evil",
    "/companies/%3Cimg%20src=x%20onerror=alert(1)%3E",
    "/companies/openai?as_of=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "/contracts?q=%22%3E%3Cscript%3E&title__contains=%3Cimg%3E",
    "/companies/openai?%3Cimg%20src=x%3E=1",
)


async def test_markup_in_records_and_in_addresses_is_shown_as_text(visitor: AsyncClient) -> None:
    said = 0
    for address in PAGES:
        reply = await visitor.get(address)
        assert reply.headers["content-type"].startswith("text/html"), address
        seen = await opened(visitor, address, reply.status_code)
        assert seen.all("img") == [], address
        assert len(seen.all("script")) == 1, address
        assert [name for _, found in seen.elements for name in found if name.startswith("on")] == [], address
        links = [found.get(name, "") for _, found in seen.elements for name in ("href", "src", "action")]
        assert [link for link in links if "javascript" in link.lower()] == [], address
        assert "&49" not in seen.text, address
        said += MARKUP in seen.text
    assert said > 10


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " javascript:x", "JAVASCRIPT:x", "data:text/html,x", "//x", "", None]
)
def test_only_the_web_is_linked_to(address: str | None) -> None:
    assert web_address(address) is None


def test_an_address_of_the_api_is_turned_into_that_of_a_page_and_no_other_is() -> None:
    assert here("/v1/contracts/x") == "/contracts/x"
    assert (here("https://elsewhere.example"), here("//elsewhere"), here("javascript:x")) == ("/", "/", "/")


def test_a_picture_keeps_its_texts_and_loses_its_frame() -> None:
    drawn = inlined(
        '<svg role="img" viewBox="0 0 500 300" width="500" height="300"><style>.x{}</style>\n'
        '<a href="/v1/companies/x"><text>&lt;a href="/v1/companies/y"</text></a>'
        '<a href="/v1/paths?a=b&amp;c=d"></a></svg>',
        [("as_of", "2025-01-01"), ("known_at", '"><script>')],
    )
    assert isinstance(drawn, Markup)
    assert '<a href="/companies/x?as_of=2025-01-01&amp;known_at=%22%3E%3Cscript%3E">' in drawn
    assert '&lt;a href="/v1/companies/y"' in drawn
    assert '<a href="/v1/paths?a=b&amp;c=d">' in drawn
    assert "<style" not in drawn


def test_a_bar_takes_no_word_that_is_not_one() -> None:
    assert "onload" not in bar({"low": 1, "high": None}, 2, '" onload="x')


async def test_a_setting_names_the_pages_that_may_frame_the_explorer(store_url: str) -> None:
    async with serving(store_url, frame_ancestors="https://grafana.example.org, https://b.example:8443") as client:
        policy = (await client.get("/search")).headers["content-security-policy"]
    assert policy.endswith("frame-ancestors https://grafana.example.org https://b.example:8443")


@pytest.mark.parametrize(
    "text", ["grafana.example.org", "https://a.example; script-src *", "https://a.example/x", "*", "'self'"]
)
async def test_what_is_no_origin_cannot_be_set(text: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        async with serving("sqlite:///unused.db", frame_ancestors=text):
            pass
