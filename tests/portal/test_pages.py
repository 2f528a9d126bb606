"""Every page, in both languages, on a phone and on a desktop: complete, readable by everybody, and quiet."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.portal.conftest import Screen, World, window

PAGES = [
    ("nobody", "/sign-in"),
    ("nobody", "/join"),
    ("nobody", "/about"),
    ("nobody", "/invitation?code=abc"),
    ("secretariat", "/"),
    ("secretariat", "/desk"),
    ("secretariat", "/desk/{submitted}"),
    ("secretariat", "/applications"),
    ("secretariat", "/needs/{published}"),
    ("secretariat", "/members?state=active"),
    ("secretariat", "/members/{enterprise}"),
    ("secretariat", "/members/{enterprise}/people"),
    ("secretariat", "/account"),
    ("hospital", "/"),
    ("hospital", "/needs"),
    ("hospital", "/needs?q=coil+动脉瘤&specialty=aneurysm"),
    ("hospital", "/needs?q=nothing-has-this-word"),
    ("hospital", "/needs/new"),
    ("hospital", "/needs/{draft}/edit"),
    ("hospital", "/needs/{published}"),
    ("hospital", "/suggestions"),
    ("hospital", "/members"),
    ("hospital", "/members/{enterprise}"),
    ("hospital", "/members/{record}"),
    ("enterprise", "/"),
    ("enterprise", "/organisation"),
    ("enterprise", "/organisation/edit"),
    ("enterprise", "/organisation/items/new"),
    ("enterprise", "/organisation/items/{item}"),
    ("enterprise", "/organisation/people"),
    ("enterprise", "/organisation/keys"),
    ("enterprise", "/account"),
    ("enterprise", "/suggestions"),
    ("enterprise", "/suggestions?every=1"),
    ("enterprise", "/suggestions/{suggestion}"),
    ("enterprise", "/needs/{published}"),
    ("enterprise", "/feed"),
    ("enterprise", "/subscriptions"),
    ("enterprise", "/subscriptions/new"),
    ("enterprise", "/subscriptions/{subscription}"),
]
WIDTHS = {"desktop": 1280, "phone": 390}
INSPECTED = {"zh": "desktop", "en": "phone"}
"""Where axe looks: a second or two each time, and languages differ in words, widths in layout."""
NO_SCROLL = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"

Windows = Callable[[str, str], Awaitable[Screen]]


@pytest_asyncio.fixture(scope="module")
async def windows(browser: Browser, world: World, signed_in: dict[str, Any]) -> AsyncIterator[Windows]:
    """A window of each kind of user in each language, which goes from page to page as a person's does."""
    opened: dict[tuple[str, str], Screen] = {}

    async def of(side: str, language: str) -> Screen:
        if (side, language) not in opened:
            fresh = window(browser, world, language=language, state=signed_in[side])
            opened[side, language] = await until_the_end.enter_async_context(fresh)
        return opened[side, language]

    async with AsyncExitStack() as until_the_end:
        yield of


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("side", "path"), PAGES)
async def test_a_page_is_complete_accessible_and_quiet(
    windows: Windows, world: World, side: str, path: str, language: str
) -> None:
    screen = await windows(side, language)
    screen.complaints.clear()
    await screen.page.set_viewport_size({"width": WIDTHS["desktop"], "height": 860})  # the last page left it narrow
    assert await screen.open(path.format(**vars(world))) == 200
    assert await screen.page.get_attribute("html", "lang") == ("zh-CN" if language == "zh" else "en")
    picture = f"{side}{path.partition('?')[0].replace('/', '_')}.{language}"
    for name, width in WIDTHS.items():
        await screen.page.set_viewport_size({"width": width, "height": 860})
        await _photograph(screen.page, f"{picture}.{name}")
        assert await screen.page.evaluate(NO_SCROLL), f"scrolls sideways on a {name}"
        if name == INSPECTED[language]:
            found = await violations(screen.page)
            assert not found, [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert not screen.complaints


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_page_that_is_not_there_says_so_in_the_readers_language(
    browser: Browser, world: World, language: str
) -> None:
    async with window(browser, world, language=language) as screen:
        assert await screen.open("/needs-that-never-were") == 404
        heading = await screen.page.inner_text("h1")
        assert heading == {"zh": "没有找到此页面", "en": "This page is not here"}[language]
        assert not await violations(screen.page)


async def test_one_click_changes_the_language_and_stays_on_the_page(browser: Browser, world: World) -> None:
    async with window(browser, world, language="zh") as screen:
        await screen.open("/about")
        await screen.page.click("a.language")

        assert screen.page.url.endswith("/about")
        assert await screen.page.inner_text("h1") == "Definitions and sources"


async def test_the_keyboard_alone_reaches_the_content_and_signs_in(browser: Browser, world: World) -> None:
    async with window(browser, world) as screen:
        await screen.open("/about")
        await screen.page.keyboard.press("Tab")
        await screen.page.keyboard.press("Enter")
        assert await screen.page.evaluate("document.activeElement.id") == "main"

        email, password = world.account("hospital")
        await screen.open("/sign-in")
        await expect(screen.page.locator("#email")).to_be_focused()
        await screen.page.keyboard.type(email)
        await screen.page.keyboard.press("Tab")
        await screen.page.keyboard.type(password)
        await screen.page.keyboard.press("Enter")
        await screen.page.wait_for_url(world.alliance.url + "/")


async def violations(page: Page) -> list[Any]:
    """What axe finds wrong, by all of its rules."""
    quickly = {"resultTypes": ["violations"], "preload": False, "elementRef": False}
    return list((await Axe().run(page, options=quickly)).response["violations"])


async def _photograph(page: Page, name: str) -> None:
    """A picture of every page for people to look at, where ALLIANCE_SCREENSHOTS names a folder."""
    if folder := os.environ.get("ALLIANCE_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
