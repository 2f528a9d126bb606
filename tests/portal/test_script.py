"""Script in every text field, in both languages, and in every address: shown as text, run by no browser."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from common.ids import new_id
from tests.journeys.building import MATCHING, PASSWORD, REGISTRY, done, made, need, person
from tests.journeys.conftest import Person
from tests.portal.conftest import COILS, NEED, World, window

SCRIPT = (
    "</script><script>stolen=1</script><img src=x onerror=stolen=1>\"onfocus='stolen=1' autofocus {{7*7}}\u2028&lt;"
)
"""Breaks out of text, attributes and script; a line separator, because streams have lines."""
REFLECTING = [
    "/needs?q={0}&state={0}&specialty={0}&cursor={0}", "/members?q={0}&kind={0}&cursor={0}", "/sign-in?next=/{0}",
    "/sign-in?next=javascript:stolen=1", "/subscriptions/new?q={0}&specialty={0}", "/needs?done={0}", "/{0}",
    "/feed?after={0}", "/needs/{0}", "/suggestions?cursor={0}", "/needs?q=javascript:stolen=1&mine={0}",
]  # fmt: skip


def both(text: str = SCRIPT) -> dict[str, str]:
    return {"zh": f"动脉瘤弹簧圈{text}", "en": f"aneurysm coil {text}"}


@pytest_asyncio.fixture(scope="module")
async def hostile(world: World) -> dict[str, Any]:
    """A hospital and an enterprise that write script wherever they may write, and what came of it."""
    alliance, name = world.alliance, new_id().hex[-12:]
    secretariat = await alliance.secretariat()
    texts = {name: both() for name in ("title", "problem", "population", "outcome", "workflow_step")}
    item = COILS | {"title": both(), "text": both(), "reference": SCRIPT}
    profile = {"items": [item], "capabilities": [both()], "summary": both(), "region": "CN-11"}
    ids = {}
    for side, kind in (("hospital", "hospital"), ("enterprise", "enterprise")):
        body = {"name": both(f"{name}{SCRIPT}"), "kind": kind, "record": "demo", **profile}
        ids[side] = await made(secretariat, f"{REGISTRY}/organisations", body)
    bad = await secretariat.post(f"{REGISTRY}/organisations", body | {"website": "javascript:stolen=1"})
    assert bad.status_code == 422
    doctor = await person(alliance, secretariat, ids["hospital"], f"hospital-{name}")
    engineer = await person(alliance, secretariat, ids["enterprise"], f"enterprise-{name}")
    wish = {"name": both(), "specialties": ["aneurysm"], "words_none": [SCRIPT[:90]], "regions": []}
    subscription = await made(engineer, f"{MATCHING}/subscriptions", wish)
    published = await need(doctor, NEED | texts | {"region": SCRIPT[:60]})
    await done(secretariat, f"{MATCHING}/needs/{published}/publish")
    submitted = await need(doctor, NEED | texts)
    returned = await need(doctor, NEED | texts)
    answer = await secretariat.post(f"{MATCHING}/needs/{returned}/return", {"reason": both()})
    assert answer.status_code == 200, answer.text
    await _apply(world)
    suggestion = await _answered(engineer, published)
    return {
        "name": name, "published": published, "submitted": submitted, "returned": returned, "suggestion": suggestion,
        "subscription": subscription, "secretariat": secretariat, "doctor": doctor, **ids,
    }  # fmt: skip


async def _apply(world: World) -> None:
    representative = {"name": both(), "email": f"{new_id().hex}@people.test", "password": PASSWORD}
    body = {"organisation": {"name": both(), "kind": "enterprise"}, "representative": representative}
    headers = {"idempotency-key": str(new_id())}
    answer = await world.alliance.client.post(f"/api/{REGISTRY}/applications", json=body, headers=headers)
    assert answer.status_code == 201, answer.text


async def _answered(engineer: Person, published: str) -> str:
    """The suggestion of this need, declined with script as the reason."""
    for _ in range(150):
        items = (await engineer.get(f"{MATCHING}/suggestions", limit=100)).json()["items"]
        mine = [one["id"] for one in items if one["need"]["id"] == published]
        if mine:
            body = {"answer": "declined", "reason": "other", "text": both()}
            assert (await engineer.post(f"{MATCHING}/suggestions/{mine[0]}/answer", body)).status_code == 200
            return str(mine[0])
        await asyncio.sleep(0.2)
    raise AssertionError("no suggestion was made")


PAGES = {
    "secretariat": ["/", "/desk", "/desk/{submitted}", "/applications", "/needs/{published}", "/members/{hospital}"],
    "hospital": ["/", "/needs?mine=true", "/needs/new", "/needs/{published}", "/needs/{returned}/edit", "/suggestions"],
    "enterprise": [
        "/", "/feed", "/subscriptions", "/subscriptions/{subscription}", "/suggestions/{suggestion}", "/members",
        "/members/{enterprise}", "/needs/{published}",
    ],
}  # fmt: skip


@pytest.mark.timeout(400)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("side", list(PAGES))
async def test_what_people_write_is_never_run(
    browser: Browser, world: World, hostile: dict[str, Any], side: str, language: str
) -> None:
    async with window(browser, world, language=language) as screen:
        await _sign_in(screen, world, hostile, side)
        shown = 0
        for path in PAGES[side]:
            assert await screen.open(path.format(**hostile)) == 200, path
            assert not await screen.page.evaluate("'stolen' in window"), path
            shown += (await screen.page.content()).count("&lt;script&gt;stolen=1")
        for path in REFLECTING:
            await screen.open(path.format(quote(SCRIPT)))
            assert not await screen.page.evaluate("'stolen' in window"), path
            assert not await screen.page.locator("a[href^='javascript:' i], [onerror], [onfocus]").count(), path
        assert shown > len(PAGES[side]), "the script is there as text"
        assert not [said for said in screen.complaints if "status of 4" not in said]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_arrives_on_an_open_feed_is_never_run(
    browser: Browser, world: World, hostile: dict[str, Any], language: str
) -> None:
    async with window(browser, world, language=language) as screen:
        await _sign_in(screen, world, hostile, "enterprise")
        await screen.open("/feed")
        await expect(screen.page.locator("[data-live='on']")).to_be_visible()
        before = await screen.page.locator(".feed-item.is-new").count()
        texts = {name: both() for name in ("title", "problem", "population", "outcome", "workflow_step")}
        fresh = await need(hostile["doctor"], NEED | texts)
        await done(hostile["secretariat"], f"{MATCHING}/needs/{fresh}/publish")
        await expect(screen.page.locator(".feed-item.is-new").nth(before)).to_be_visible(timeout=30_000)
        assert not await screen.page.evaluate("'stolen' in window")
        assert not screen.complaints


async def _sign_in(screen: Any, world: World, hostile: dict[str, Any], side: str) -> None:
    if side == "secretariat":
        await screen.sign_in(side)
        return
    await screen.open("/sign-in")
    await screen.page.fill("#email", f"{side}-{hostile['name']}@people.test")
    await screen.page.fill("#password", PASSWORD)
    await screen.page.click("form[action='/sign-in'] button")
    await screen.page.wait_for_url(world.alliance.url + "/")
