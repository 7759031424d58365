"""The explorer in a real browser: walked through by hand and by keyboard, with no script, narrow, dark, and by axe."""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, Response, expect, sync_playwright

from app.shared.database import Database
from app.shared.migration import migrate
from app.shared.settings import Settings
from app.transfer.seed import seed
from tests.server import free_port, started
from tests.web.world import MARKUP, disputed, hostile, hub

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = (
    "/",
    "/companies",
    "/companies/openai",
    "/companies/hub",
    "/companies/coreweave/exposure",
    "/companies/coreweave/impact",
    "/companies/openai/timeline",
    "/companies/openai/records",
    "/companies/openai/about",
    "/contracts/openai-coreweave",
    "/fleets",
    "/sources/wired-italy-2025-03-12",
    "/search?q=stargate",
    "/compare?company=openai&company=microsoft",
    "/paths?from=openai&to=nvidia",
    "/loops",
    "/timeline",
    "/rankings?by=contract_value",
    "/companies/opnai",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of our own with the article, a company with 60 neighbours, and names meant to do harm."""
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    url = f"sqlite:///{folder / 'site.db'}"
    asyncio.run(_fill(url))
    command = [str(Path(sys.executable).parent / "dealgraph"), "serve", "--no-seed", "--port", str(port)]
    with started(command, port, cwd=folder, env=os.environ | {"DEALGRAPH_DATABASE_URL": url}):
        yield f"http://127.0.0.1:{port}"


async def _fill(url: str) -> None:
    from tests.factories import put, source  # noqa: PLC0415 - beside what it fills

    store = Database(Settings(database_url=url))
    await migrate(store)
    await seed(store)
    sources = [
        source(),
        source(slug="older", published_on="2025-03-10"),
        source(slug="newer", published_on="2025-03-14"),
    ]
    for records in ({"sources": sources}, {"contracts": [disputed()]}, hub(), hostile()):
        await put(store, **records)
    await store.close()


@pytest.fixture(scope="module")
def browser(site: str) -> Iterator[Browser]:
    """Chromium from the system, started after the server: both have a loop of their own."""
    assert site
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"none of {', '.join(BROWSERS)} is installed: make test-browser says how to get one"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=sandbox)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, site: str, **options: Any) -> Iterator[Page]:  # noqa: ANN401 - as Playwright takes them
    """A page that has to stay without an error, and to ask nobody but our server."""
    context = browser.new_context(base_url=site, **options)
    page, wrong = context.new_page(), list[str]()

    def told(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            wrong.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((site, "data:", f"blob:{site}")):
            wrong.append(request.url)

    def opened_itself(dialog: Dialog) -> None:
        wrong.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", told)
    page.on("request", asked)
    page.on("dialog", opened_itself)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    # Chromium tells of a page that is not found on the console.
    assert [text for text in wrong if "404 (Not Found)" not in text] == []


def test_from_a_search_to_the_picture_to_the_record_to_its_source(browser: Browser, site: str) -> None:
    with opened(browser, site) as page:
        page.goto("/")
        box = page.get_by_role("combobox")
        box.press_sequentially("opena")
        expect(page.get_by_role("option", name="OpenAI")).to_be_visible()
        box.press("ArrowDown")
        box.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("OpenAI")
        page.locator(".dg-node", has_text="CoreWeave").locator("rect").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("CoreWeave")
        page.get_by_role("row", name="CoreWeave on Nvidia").get_by_role("link", name="Hardware").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Data centers of CoreWeave")
        expect(page.get_by_text("CoreWeave runs 32 data centers.")).to_be_visible()
        page.get_by_role("link", name="Wired Italy").first.click()
        expect(page).to_have_url(f"{site}/sources/wired-italy-2025-03-12")
        expect(page.get_by_role("link", name="Data centers of CoreWeave")).to_be_visible()


def test_the_slider_and_the_switches_change_the_picture_and_the_address(browser: Browser, site: str) -> None:
    with opened(browser, site) as page:
        page.goto("/companies/openai")
        stargate = page.locator(".dg-node", has_text="Stargate")
        expect(stargate).to_be_visible()
        slider = page.get_by_role("slider")
        slider.focus()
        slider.press("Home")
        expect(stargate).to_have_count(0)
        expect(page).to_have_url(f"{site}/companies/openai?as_of=2023-01-01&depth=3")
        expect(slider).to_be_focused()
        expect(slider).to_have_attribute("aria-valuetext", "2023-01-01")
        slider.press("End")
        expect(stargate).to_be_visible()
        page.get_by_text("capital", exact=True).first.click()
        expect(stargate).to_have_count(0)
        assert "kind=capital" in page.url
        expect(page.locator("#api")).to_contain_text("kind=capital")
        page.get_by_label("Depth").select_option("1")
        expect(page.get_by_role("status")).to_contain_text("2 companies")
        address, said = page.url, page.get_by_role("status").inner_text()
        page.go_back()
        expect(page.get_by_label("Depth")).to_have_value("3")
        page.goto(address)
        assert page.get_by_role("status").inner_text() == said


def test_everything_is_there_with_no_script(browser: Browser, site: str) -> None:
    with opened(browser, site, java_script_enabled=False) as page:
        page.goto("/companies/openai")
        expect(page.locator("svg.dg")).to_be_visible()
        page.get_by_label("As of", exact=True).fill("2024-06-01")
        page.get_by_role("button", name="Show").click()
        assert "as_of=2024-06-01" in page.url
        expect(page.locator(".dg-node", has_text="Stargate")).to_have_count(0)
        page.get_by_role("link", name="the next change").click()
        assert "as_of=2025-01-01" in page.url
        expect(page.locator(".dg-node", has_text="Stargate")).to_be_visible()
        page.locator("details.cites summary").first.click()
        expect(page.locator("details.cites blockquote, details.cites li p").first).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_the_page_of_a_large_company_is_there_after_one_round_of_small_replies(
    browser: Browser, site: str, *, script: bool
) -> None:
    with opened(browser, site, java_script_enabled=script) as page:
        replies: list[Response] = []
        page.on("response", lambda reply: replies.append(reply))  # noqa: PLW0108 - Playwright marks the function
        page.goto("/companies/hub", wait_until="networkidle")
        expect(page.locator("svg.dg")).to_be_in_viewport()
        sizes = [reply.request.sizes() for reply in replies if reply.url.startswith("http")]
        sent = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
        assert 20_000 < sent <= 150_000
        # What the page itself names, and nothing that one of those would name in turn.
        kinds = sorted(reply.request.resource_type for reply in replies if reply.url.startswith("http"))
        assert kinds == ["document", *(["script"] if script else []), "stylesheet"]


def test_the_keyboard_reaches_all_of_it(browser: Browser, site: str) -> None:
    with opened(browser, site) as page:
        page.goto("/companies/openai")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.evaluate("window.same = true")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}/companies/openai#main")
        met = list[str]()
        for _ in range(60):
            page.keyboard.press("Tab")
            met.append(page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.id || ''"))
        assert {"as_of", "slider", "depth", "/companies/coreweave", "/companies/openai/exposure"} <= set(met)
        assert page.evaluate("window.same")
        assert met.index("/companies/openai/exposure") < met.index("as_of") < met.index("/companies/coreweave")


def test_names_meant_to_do_harm_do_none(browser: Browser, site: str) -> None:
    with opened(browser, site) as page:
        for address in ("/companies/evil", "/companies/evil/about", "/contracts/evil-deal", "/sources/hostile"):
            page.goto(address)
            expect(page.get_by_role("heading", level=1)).to_have_text(MARKUP)
        page.goto("/")
        page.get_by_role("combobox").press_sequentially("img src")
        expect(page.get_by_role("option").first).to_contain_text("<img src=x")


@pytest.mark.parametrize(
    ("width", "scheme", "pages"), [(1280, "light", PAGES), (360, "dark", ("/", *PAGES[2:5], PAGES[9], PAGES[14]))]
)
def test_axe_finds_nothing(browser: Browser, site: str, width: int, scheme: Any, pages: tuple[str, ...]) -> None:  # noqa: ANN401 - a literal of Playwright
    found = {}
    with opened(browser, site, viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
        for address in pages:
            page.goto(address)
            violations = Axe().run(page, options=RULES).response["violations"]
            if violations:
                found[address] = [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in violations]
    assert found == {}


@pytest.mark.parametrize("width", [320, 3840])
def test_no_page_is_wider_than_the_window(browser: Browser, site: str, width: int) -> None:
    with opened(browser, site, viewport={"width": width, "height": 800}) as page:
        wide = []
        for address in PAGES:
            page.goto(address)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(address)
    assert wide == []


def test_on_a_narrow_screen_the_tab_of_the_page_is_in_sight(browser: Browser, site: str) -> None:
    with opened(browser, site, viewport={"width": 320, "height": 800}) as page:
        page.goto("/companies/openai/about")
        expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize(("address", "shown"), [("/docs", ".opblock"), ("/redoc", "h1")])
def test_the_documentation_works_under_its_policy(browser: Browser, site: str, address: str, shown: str) -> None:
    """A script or a style that the policy does not allow is told on the console, and so fails the page."""
    with opened(browser, site) as page:
        page.goto(address)
        expect(page.locator(shown).first).to_be_visible(timeout=60_000)
