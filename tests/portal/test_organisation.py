"""An organisation keeps its own profile in the browser, and is matched by it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from common.testing import until
from tests.journeys.building import MATCHING, PASSWORD, REGISTRY, organisation
from tests.journeys.conftest import Person
from tests.portal.conftest import COILS, World
from tests.portal.forms import Browser, browsing


class Maker:
    """An enterprise with an empty profile, its representative's browser and the same person as a program."""

    def __init__(self, browser: Browser, program: Person, organisation_id: str) -> None:
        self.browser, self.program, self.id = browser, program, organisation_id

    async def profile(self) -> Any:
        return (await self.program.get(f"{REGISTRY}/organisations/{self.id}")).json()

    async def change(self, **parts: Any) -> None:
        """Somebody else of the same organisation saves something."""
        now = await self.profile()
        body = {name: now[name] for name in ("summary", "website", "region", "specialties", "capabilities", "items")}
        answer = await self.program.put(f"{REGISTRY}/organisations/{self.id}/profile", body | parts, now["version"])
        assert answer.status_code == 200, answer.text


@pytest_asyncio.fixture(scope="module")
async def maker(world: World) -> AsyncIterator[Maker]:
    secretariat = await world.alliance.secretariat()
    made = await organisation(secretariat, "enterprise", "新企业（虚构）", "Newcomer Devices (fictional)")
    body = {"name": {"en": "Newcomer"}, "email": "maker@people.test", "password": PASSWORD, "office": "representative"}
    assert (await secretariat.post(f"{REGISTRY}/organisations/{made}/people", body)).status_code == 201
    program = await world.alliance.sign_in("maker@people.test", PASSWORD)

    async def known() -> bool:
        return (await program.get(f"{MATCHING}/suggestions")).status_code == 200

    await until(known, timeout=20)
    async with browsing(world, "maker@people.test", PASSWORD) as browser:
        yield Maker(browser, program, made)


async def test_an_item_written_in_the_browser_brings_a_suggestion(maker: Maker) -> None:
    """First with a year that is none, which is refused at the field with everything kept."""
    form = (await maker.browser.open("/organisation/items/new")).form("/organisation/items/new")
    written: dict[str, Any] = {
        f"{name}__{code}": COILS[name][code] for name in ("title", "text") for code in ("zh", "en")
    }

    refused = await maker.browser.send(form, **written, specialty="aneurysm", device_class="III", year="soon")
    assert refused.status == 422
    assert refused.wrong == ["year"]
    again = refused.form("/organisation/items/new")
    assert again.fields["text.en"] == [COILS["text"]["en"]]
    assert again.fields["device_class"] == ["III"]

    saved = await maker.browser.send(again, year="2024")
    assert saved.path.startswith("/organisation?done=")
    assert "compared with all open needs now" in saved.text
    assert "Detachable coil system" in saved.text

    async def suggested() -> bool:
        return "Fewer coil prolapses" in (await maker.browser.open("/suggestions")).text

    await until(suggested, timeout=30, every=0.3)


async def test_the_profile_is_saved_as_it_was_typed(maker: Maker) -> None:
    page = await maker.browser.open("/organisation/edit")
    filled: dict[str, Any] = {
        "summary__zh": "弹簧圈",
        "summary__en": "Coils\r\nand more",
        "website": "not an address",
        "region": "CN-32",
        "specialties": ["aneurysm", "access"],
        "capabilities__0__zh": "微导管涂层",
        "capabilities__2__en": "Coating",
    }
    refused = await maker.browser.send(page.form("/organisation/edit"), **filled)
    assert refused.wrong == ["website"]
    again = refused.form("/organisation/edit")
    assert again.fields["capabilities.2.en"] == ["Coating"]
    assert again.fields["specialties"] == ["aneurysm", "access"]

    saved = await maker.browser.send(again, website="https://coils.example")

    assert saved.path.startswith("/organisation?done=")
    now = await maker.profile()
    assert now["summary"] == {"zh": "弹簧圈", "en": "Coils\nand more"}
    assert now["capabilities"] == [{"zh": "微导管涂层", "en": None}, {"zh": None, "en": "Coating"}]
    assert (now["website"], now["region"]) == ("https://coils.example", "CN-32")


async def test_an_error_of_a_capability_stands_on_its_own_line(maker: Maker) -> None:
    form = (await maker.browser.open("/organisation/edit")).form("/organisation/edit")
    await maker.change(capabilities=[])
    form = (await maker.browser.open("/organisation/edit")).form("/organisation/edit")
    refused = await maker.browser.send(form, capabilities__2__en="long " * 100)
    assert refused.wrong == ["capabilities.2.en"]


async def test_a_profile_that_somebody_else_changed_is_shown_beside_what_was_typed(maker: Maker) -> None:
    form = (await maker.browser.open("/organisation/edit")).form("/organisation/edit")
    await maker.change(summary={"zh": None, "en": "Written by a colleague"})

    conflict = await maker.browser.send(form, summary__en="Written by me")
    assert conflict.status == 412
    assert "Somebody else changed the profile" in conflict.text
    assert "Written by a colleague" in conflict.text
    again = conflict.form("/organisation/edit")
    assert again.fields["summary.en"] == ["Written by me"]
    assert (await maker.profile())["summary"]["en"] == "Written by a colleague"

    await maker.browser.send(again)
    assert (await maker.profile())["summary"]["en"] == "Written by me"


async def test_a_form_that_is_sent_twice_is_saved_once_and_without_a_quarrel(maker: Maker) -> None:
    form = (await maker.browser.open("/organisation/edit")).form("/organisation/edit")
    item = (await maker.browser.open("/organisation/items/new")).form("/organisation/items/new")
    for _ in range(2):
        assert (await maker.browser.send(form, region="CN-33")).path.startswith("/organisation?done=")
        assert (await maker.browser.send(item, title__en="Twice sent")).path.startswith("/organisation?done=")
    titles = [one["title"]["en"] for one in (await maker.profile())["items"]]
    assert titles.count("Twice sent") == 1


async def test_an_item_is_changed_in_its_place_and_removed(maker: Maker) -> None:
    await maker.change(items=[{"title": {"en": name}} for name in ("First", "Second", "Third")])
    page = await maker.browser.open("/organisation")
    addresses = [word.split('"')[0] for word in page.html.split('item-edit" href="')[1:]]

    form = (await maker.browser.open(addresses[1])).form(addresses[1])
    await maker.change(summary={"zh": "别的部分", "en": None})  # another part of the profile is no conflict
    await maker.browser.send(form, title__en="Changed", stage="market")
    items = (await maker.profile())["items"]
    assert [item["title"]["en"] for item in items] == ["First", "Changed", "Third"]
    assert items[1]["stage"] == "market"

    form = (await maker.browser.open(addresses[0])).form(addresses[0])
    await maker.browser.send(form, to=f"{addresses[0]}/delete")
    assert [item["title"]["en"] for item in (await maker.profile())["items"]] == ["Changed", "Third"]


async def test_an_item_that_somebody_else_changed_can_still_be_saved_as_a_new_one(maker: Maker) -> None:
    await maker.change(items=[{"title": {"en": "Mine"}}])
    page = await maker.browser.open("/organisation")
    address = page.html.split('item-edit" href="')[1].split('"')[0]
    form = (await maker.browser.open(address)).form(address)
    await maker.change(items=[{"title": {"en": "A colleague's"}}])

    conflict = await maker.browser.send(form, title__en="Mine, better")
    assert conflict.status == 412
    again = conflict.form("/organisation/items/new")
    assert again.fields["title.en"] == ["Mine, better"]
    assert [item["title"]["en"] for item in (await maker.profile())["items"]] == ["A colleague's"]

    await maker.browser.send(again)
    assert [item["title"]["en"] for item in (await maker.profile())["items"]] == ["Mine, better", "A colleague's"]


async def test_what_was_typed_survives_the_end_of_the_session_and_is_shown_for_no_other_organisation(
    world: World, maker: Maker
) -> None:
    async with browsing(world, "maker@people.test", PASSWORD) as browser:
        form = (await browser.open("/organisation/edit")).form("/organisation/edit")
        async with browsing(world) as elsewhere:  # the session ends, and this browser does not know
            elsewhere.client.cookies.update(browser.client.cookies)
            await elsewhere.send((await elsewhere.open("/")).form("/sign-out"))
        door = await browser.send(form, summary__en="Typed before the session ended")
        assert "What you typed is kept" in door.text
        typed = await browser.send(door.form("/sign-in"), email="maker@people.test", password=PASSWORD)
        assert typed.form("/organisation/edit").fields["summary.en"] == ["Typed before the session ended"]

        await browser.send(typed.form("/sign-out"))
        email, password = world.account("enterprise")
        await browser.sign_in(email, password)
        assert "Typed before" not in (await browser.open("/organisation/edit")).html
