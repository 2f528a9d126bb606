"""The main job as people do it in the browser: a need is written, published, found, and answered on a live feed."""

import asyncio
from typing import Any

import httpx
from playwright.async_api import Browser, expect

from tests.portal.conftest import Screen, World, window

TITLE = "Retrieve hard clots at the first pass"


async def test_a_need_travels_from_the_form_to_a_live_feed_and_an_answer(
    browser: Browser, world: World, signed_in: dict[str, Any]
) -> None:
    async with (
        window(browser, world, state=signed_in["enterprise"]) as feed,
        window(browser, world, state=signed_in["hospital"]) as hospital,
        window(browser, world, state=signed_in["secretariat"]) as desk,
    ):
        await feed.open("/feed")
        await expect(feed.page.locator("[data-live='on']")).to_be_visible()

        need_id = await _post(hospital)
        await _publish(desk, need_id)

        new = feed.page.locator(".feed-item.is-new", has_text=TITLE)
        await expect(new.first).to_be_visible(timeout=20_000)
        await expect(feed.page.locator("[data-feed-status]")).to_contain_text("New items")
        await _answer(hospital, need_id)
        for screen in (feed, hospital, desk):
            assert not screen.complaints


async def _post(hospital: Screen) -> str:
    """First without a specialty, which is refused at the field with everything kept, then complete."""
    page = hospital.page
    await hospital.open("/needs/new")
    await page.fill("#title-en", TITLE)
    await page.fill("#problem-en", "retrieve fibrin-rich coils of clot around wide-neck aneurysms")
    await page.fill("#population-en", "patients with wide-neck aneurysms")
    await page.fill("#outcome-en", "reperfuse at the first pass")
    await page.fill("#workflow_step-en", "First pass of a stent retriever")
    await expect(page.locator("[data-statement]")).to_contain_text("A way to retrieve fibrin-rich coils of clot")
    await page.click("button[value='submit']")

    await expect(page.locator(".problem[role=alert]")).to_be_focused()
    await expect(page.locator("#specialty[aria-invalid=true]")).to_be_visible()
    assert await page.input_value("#title-en") == TITLE
    hospital.complaints.clear()  # Chromium notes the 422 of a refused form

    await page.select_option("#specialty", "aneurysm")
    await page.select_option("#achievement_type", "consumable")
    await page.check("input[name=wanted][value=enterprise]")
    await page.click("button[value='submit']")
    await expect(page.locator(".notice[role=status]")).to_contain_text("with the secretariat")
    return page.url.split("/needs/")[1].split("?")[0]


async def _publish(desk: Screen, need_id: str) -> None:
    await desk.open(f"/desk/{need_id}")
    await expect(desk.page.locator("#preview-title")).to_have_text(TITLE)
    await desk.page.click(f"form[action='/desk/{need_id}/publish'] button")
    await expect(desk.page.locator(".notice[role=status]")).to_contain_text("published")


async def _answer(hospital: Screen, need_id: str) -> None:
    """Suggestions with marked words and facets; one click says yes."""
    page = hospital.page
    for _ in range(40):
        await hospital.open(f"/needs/{need_id}")
        if await page.locator(".match").count():
            break
        await asyncio.sleep(0.25)
    assert await page.locator(".prose mark").count()
    assert await page.locator(".item-text mark").count()
    assert await page.locator(".match.chosen .facet").count() >= 3
    await page.click("button[value='interested']")
    await expect(page.locator(".notice[role=status]")).to_contain_text("recorded")
    await expect(page.locator(".answers").first).to_contain_text("Interested")


async def test_a_returned_need_shows_its_reason_on_the_authors_first_page(
    browser: Browser, world: World, signed_in: dict[str, Any]
) -> None:
    async with (
        window(browser, world, state=signed_in["hospital"]) as hospital,
        window(browser, world, state=signed_in["secretariat"]) as desk,
    ):
        need_id = await _post(hospital)
        await desk.open(f"/desk/{need_id}")
        await desk.page.click("details.decline > summary")
        await desk.page.fill("#reason-en", "How often does this happen today?")
        await desk.page.click(f"form[action='/desk/{need_id}/return'] button")
        await expect(desk.page.locator(".notice[role=status]")).to_contain_text("Returned")

        await hospital.open("/")
        await expect(hospital.page.locator("main")).to_contain_text("How often does this happen today?")


async def test_what_was_typed_survives_the_end_of_the_session(browser: Browser, world: World) -> None:
    async with window(browser, world) as screen:
        await screen.sign_in("hospital")
        await screen.open("/needs/new")
        await screen.page.fill("#title-en", "Typed before the session ended")
        await _end_session(screen)
        await screen.page.click("button[value='save']")

        await expect(screen.page.locator(".notice")).to_contain_text("What you typed is kept")
        email, password = world.account("hospital")
        await screen.page.fill("#email", email)
        await screen.page.fill("#password", password)
        await screen.page.click("form[action='/sign-in'] button")
        await screen.page.wait_for_url("**/needs/new")
        assert await screen.page.input_value("#title-en") == "Typed before the session ended"


async def _end_session(screen: Screen) -> None:
    """The account signs out of this session from elsewhere; the browser does not know."""
    token = await screen.page.input_value("#need-form input[name=csrf]")
    context = screen.page.context
    cookies = {cookie["name"]: cookie["value"] for cookie in await context.cookies() if "name" in cookie}
    kept = {"alliance_session": cookies["alliance_session"]}
    async with httpx.AsyncClient(base_url=screen.world.alliance.url, cookies=kept) as elsewhere:
        assert (await elsewhere.post("/sign-out", data={"csrf": token})).status_code == 303
