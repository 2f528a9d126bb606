"""The console in a real browser, in front of the real services: people, organisations and needs to look at."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from common.testing import until
from portal.profiles import key_of
from tests.journeys.building import MATCHING, PASSWORD, REGISTRY, done, made, need, organisation, person
from tests.journeys.conftest import Alliance, Person, alliance

__all__ = ["alliance"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/usr/bin/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

NEED: dict[str, Any] = {
    "title": {"zh": "减少宽颈动脉瘤栓塞中弹簧圈脱垂", "en": "Fewer coil prolapses in wide-neck aneurysm embolisation"},
    "problem": {"zh": "把弹簧圈稳定地留在宽颈动脉瘤内", "en": "keep coils inside wide-neck aneurysms"},
    "population": {"zh": "颅内宽颈动脉瘤患者", "en": "patients with wide-neck intracranial aneurysms"},
    "outcome": {"zh": "支架辅助比例降到 3% 以下", "en": "need a stent in fewer than 3 % of cases"},
    "workflow_step": {"zh": "血管内栓塞：弹簧圈释放", "en": "Endovascular embolisation: coil deployment"},
    "specialty": "aneurysm",
    "achievement_type": "consumable",
    "wanted": ["enterprise"],
    "device_class": "III",
    "disclosure": "summary",
}
COILS: dict[str, Any] = {
    "title": {"zh": "可解脱弹簧圈系统", "en": "Detachable coil system"},
    "text": {
        "zh": "用于颅内宽颈动脉瘤栓塞的超软弹簧圈，机械解脱。",
        "en": "Ultra-soft detachable coils for embolisation of wide-neck intracranial aneurysms.",
    },
    "device_class": "III",
    "specialty": "aneurysm",
    "stage": "market",
    "year": 2024,
}


@dataclass
class World:
    """What the pages show: three kinds of user and the things that wait for them."""

    alliance: Alliance
    hospital: str
    enterprise: str
    record: str
    published: str
    submitted: str
    draft: str
    suggestion: str
    subscription: str
    item: str

    def account(self, side: str) -> tuple[str, str]:
        """E-mail address and password of one kind of user."""
        if side == "secretariat":
            email, _, password = self.alliance.secretariat_credentials.partition(":")
            return email, password
        return f"{side}@people.test", PASSWORD


@pytest_asyncio.fixture(scope="package")
async def world(alliance: Alliance) -> World:
    """Built through the public API, as everything else that uses these services is."""
    secretariat = await alliance.secretariat()
    hospital = await organisation(secretariat, "hospital", "演示神经医院（虚构）", "Demo Neuro Hospital (fictional)")
    enterprise = await organisation(
        secretariat,
        "enterprise",
        "演示器械公司（虚构）",
        "Demo Devices (fictional)",
        items=[COILS],
        specialties=["aneurysm"],
    )
    origin = {"source": "FDA premarket summaries", "licence": "Public domain", "as_of": "2026-08-01"}
    record = await organisation(
        secretariat, "enterprise", None, "Public Coils, Inc.", record="public_record", items=[COILS], provenance=origin
    )
    # A name nobody can break: the pages must not scroll sideways for it.
    await organisation(secretariat, "partner", "无" * 90, "Unbreakable" * 20, items=[COILS], specialties=["aneurysm"])
    doctor = await person(alliance, secretariat, hospital, "hospital")
    engineer = await person(alliance, secretariat, enterprise, "enterprise")
    wish = {"name": {"zh": "动脉瘤", "en": "Aneurysms"}, "specialties": ["aneurysm"], "words_any": ["弹簧圈", "coil"]}
    subscription = await made(engineer, f"{MATCHING}/subscriptions", wish)
    published = await need(doctor, NEED)
    await done(secretariat, f"{MATCHING}/needs/{published}/publish")
    submitted = await need(doctor, NEED | {"title": {"zh": "取栓后即刻判断再通", "en": "Judge reperfusion at once"}})
    draft = await made(doctor, f"{MATCHING}/needs", {"title": {"zh": "颅内支架的精准释放", "en": None}})
    await applicant(alliance, "1")
    await applicant(alliance, "2")
    suggestion = await suggested(engineer)
    item = key_of((await engineer.get(f"{REGISTRY}/organisations/{enterprise}")).json()["items"][0])
    return World(alliance, hospital, enterprise, record, published, submitted, draft, suggestion, subscription, item)


async def applicant(alliance: Alliance, number: str) -> None:
    """Somebody who asks to join; two of them by chance bear the same name."""
    body = {
        "organisation": {
            "name": {"zh": "测试申请医院", "en": "Applicant Hospital"},
            "kind": "hospital",
            "country": "CN",
        },
        "representative": {
            "name": {"zh": "申请人", "en": "Applicant"},
            "email": f"applicant{number}@people.test",
            "password": PASSWORD,
            "language": "zh",
        },
    }
    headers = {"idempotency-key": f"portal-test-applicant-{number}"}
    answer = await alliance.client.post(f"/api/{REGISTRY}/applications", json=body, headers=headers)
    assert answer.status_code == 201, answer.text


async def suggested(engineer: Person) -> str:
    """The first suggestion made to the enterprise."""
    found: list[str] = []

    async def arrived() -> bool:
        found.extend(one["id"] for one in (await engineer.get(f"{MATCHING}/suggestions")).json()["items"])
        return bool(found)

    await until(arrived, timeout=30, every=0.2)
    return found[0]


def executable() -> str:
    """An installed Chromium or Chrome; without one there is nothing to test with."""
    for found in (*map(shutil.which, BROWSERS), *PLACES):
        if found and Path(found).exists():
            return found
    pytest.skip("no Chromium or Chrome is installed: the pages cannot be opened (Debian: apt-get install chromium)")


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser a run."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        expect.set_options(timeout=20_000)  # a page is waited for, not timed
        opened = await playwright.chromium.launch(executable_path=executable(), args=arguments)
        yield opened
        await opened.close()


@dataclass
class Screen:
    """A browser window of one person, which notes whatever the browser complains about."""

    page: Page
    world: World
    complaints: list[str]

    async def open(self, path: str) -> int:
        """Go to a page of the console; the HTTP status."""
        answer = await self.page.goto(self.world.alliance.url + path)
        assert answer is not None
        return answer.status

    async def sign_in(self, side: str) -> None:
        email, password = self.world.account(side)
        await self.open("/sign-in")
        await self.page.fill("#email", email)
        await self.page.fill("#password", password)
        await self.page.click("form[action='/sign-in'] button")
        await self.page.wait_for_url(self.world.alliance.url + "/")


@asynccontextmanager
async def window(
    browser: Browser, world: World, *, language: str = "en", width: int = 1280, state: Any = None
) -> AsyncIterator[Screen]:
    """A fresh window: no cookies but the language, or those of `state`."""
    context: BrowserContext = await browser.new_context(
        viewport={"width": width, "height": 860}, locale="zh-CN" if language == "zh" else "en-GB", storage_state=state
    )
    await context.add_cookies([{"name": "alliance_language", "value": language, "url": world.alliance.url}])
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield Screen(page, world, complaints)
    finally:
        await context.close()


@pytest_asyncio.fixture(scope="package")
async def signed_in(browser: Browser, world: World) -> dict[str, Any]:
    """The cookies of each kind of user, signed in once through the page."""
    states: dict[str, Any] = {"nobody": None}
    for side in ("secretariat", "hospital", "enterprise"):
        async with window(browser, world) as screen:
            await screen.sign_in(side)
            states[side] = await screen.page.context.storage_state()
    return states
