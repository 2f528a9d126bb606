"""The live feed keeps its line: it asks again after a refusal, and shows what came while nobody looked at the page."""

from typing import Any

from playwright.async_api import Browser, Page, Route, expect

from common.testing import until
from tests.journeys.building import FEEDS, MATCHING, done, need
from tests.portal.conftest import NEED, World, window

ON, OFF = "[data-live='on']", "[data-live='off']"
STREAM = "**/feed/stream?*"


async def test_a_refused_stream_is_asked_for_again(browser: Browser, world: World, signed_in: dict[str, Any]) -> None:
    async with window(browser, world, state=signed_in["enterprise"]) as feed:
        asked = []

        async def refused_at_first(route: Route) -> None:
            asked.append(route.request.url)
            await (route.fulfill(status=502) if len(asked) == 1 else route.continue_())

        await feed.page.route(STREAM, refused_at_first)
        await feed.open("/feed")
        await expect(feed.page.locator(OFF)).to_be_visible()
        await expect(feed.page.locator(ON)).to_be_visible(timeout=10_000)
        assert len(asked) == 2


async def test_what_came_while_nobody_looked_is_there_once(
    browser: Browser, world: World, signed_in: dict[str, Any]
) -> None:
    title = "Steer a microcatheter around the second bend"
    async with window(browser, world, state=signed_in["enterprise"]) as feed:
        await feed.open("/feed")
        await expect(feed.page.locator(ON)).to_be_visible()
        await _look_away(feed.page, True)
        await _published(world, title)
        assert await feed.page.locator(".feed-item", has_text=title).count() == 0

        await _look_away(feed.page, False)
        hit = feed.page.locator(".feed-item.is-new", has_text=title).filter(has_text="Hit of a subscription")
        await expect(hit).to_have_count(1)
        assert not feed.complaints


async def _published(world: World, title: str) -> None:
    """A need with this title, once it is in the enterprise's feed."""
    doctor = await world.alliance.sign_in(*world.account("hospital"))
    engineer = await world.alliance.sign_in(*world.account("enterprise"))
    found = await need(doctor, NEED | {"title": {"zh": None, "en": title}})
    await done(await world.alliance.secretariat(), f"{MATCHING}/needs/{found}/publish")

    async def arrived() -> bool:
        page = (await engineer.get(f"{FEEDS}/items", limit="100")).json()
        return any(item["kind"] == "subscription_hit" and title in str(item["title"]) for item in page["items"])

    await until(arrived, timeout=20, every=0.2)


async def _look_away(page: Page, away: bool) -> None:
    """What the browser tells a page in the background; a headless one has no background to put it in."""
    await page.evaluate(
        "away => { Object.defineProperty(document, 'hidden', { value: away, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        away,
    )
