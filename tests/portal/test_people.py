"""Offices, keys, accounts and standings in the browser: whoever may change them does, others read why not."""

import re

import pytest

from common.testing import until
from tests.journeys.building import PASSWORD, REGISTRY, organisation
from tests.journeys.conftest import Person
from tests.portal.conftest import World
from tests.portal.forms import browsing

OTHER_PASSWORD = "five quite other words for tests"


async def office(world: World, kind: str, office: str, email: str) -> str:
    """A new organisation and one person in an office of it; the organisation's id."""
    secretariat = await world.alliance.secretariat()
    made = await organisation(secretariat, kind, None, f"Employer of {email}")
    await appointed(secretariat, made, office, email)
    return made


async def appointed(secretariat: Person, made: str, office: str, email: str) -> None:
    body = {"name": {"en": email.split("@", maxsplit=1)[0]}, "email": email, "password": PASSWORD, "office": office}
    assert (await secretariat.post(f"{REGISTRY}/organisations/{made}/people", body)).status_code == 201


async def test_an_invitation_is_shown_once_and_opens_an_account(world: World) -> None:
    await office(world, "enterprise", "representative", "boss@people.test")
    async with browsing(world, "boss@people.test", PASSWORD) as boss, browsing(world) as guest:
        form = (await boss.open("/organisation/people")).form("/organisation/people")
        refused = await boss.send(form, name__en="Guest", email="no address", office="editor")
        assert refused.wrong == ["email"]
        shown = await boss.send(refused.form("/organisation/people"), email="guest@people.test")
        link = re.search(r"http\S+/invitation\?code=[\w-]+", shown.text)
        assert link, shown.text
        code = link.group(0).split("code=")[1]
        people = await boss.open("/organisation/people")
        assert "Invited, no password yet" in people.text
        assert code not in people.html

        address = link.group(0).removeprefix(world.alliance.url)
        door = (await guest.open(address)).form("/invitation")
        weak = await guest.send(door, password="short")
        assert weak.wrong == ["password"]
        inside = await guest.send(weak.form("/invitation"), password=OTHER_PASSWORD)
        assert "Your password is set and you are signed in" in inside.text
        door = (await guest.open(address)).form("/invitation")
        assert (await guest.send(door, password=OTHER_PASSWORD)).wrong == ["code"], "a code is good once"

        theirs = await guest.open("/organisation/people")
        assert "guest@people.test" in theirs.text
        assert "Only representatives invite people" in theirs.text
        assert not [form for form in theirs.forms if form.action.startswith("/organisation/people")]
        keys = await guest.open("/organisation/keys")
        assert keys.status == 403
        assert "Your office: Enterprise editor" in keys.text


async def test_an_office_ends_but_not_the_last_representatives(world: World) -> None:
    made = await office(world, "enterprise", "representative", "last@people.test")
    await appointed(await world.alliance.secretariat(), made, "reader", "leaver@people.test")
    async with browsing(world, "last@people.test", PASSWORD) as boss:
        forms = [form for form in (await boss.open("/organisation/people")).forms if form.action.endswith("/end")]
        kept = await boss.send(forms[0])
        assert kept.status == 409
        assert "Appoint another representative first" in kept.text
        ended = await boss.send(forms[1])
        assert "The office has ended" in ended.text
        assert "leaver@people.test" not in ended.text


@pytest.mark.parametrize("who", ["reader", "clinician"])
async def test_somebody_without_the_right_reads_why(world: World, who: str) -> None:
    await office(world, "hospital", who, f"{who}@people.test")
    async with browsing(world, f"{who}@people.test", PASSWORD) as browser:
        profile = await browser.open("/organisation")
        assert "Representatives and editors change it" in profile.text
        assert "/organisation/edit" not in profile.html
        for path in ("/organisation/people", "/organisation/keys"):
            page = await browser.open(path)
            assert page.status == 403
            assert "not open to your office" in page.text
        assert (await browser.open("/organisation/edit")).status == 403


async def test_a_key_is_shown_once_works_and_is_revoked(world: World) -> None:
    await office(world, "enterprise", "representative", "keys@people.test")
    async with browsing(world, "keys@people.test", PASSWORD) as browser:
        form = (await browser.open("/organisation/keys")).form("/organisation/keys")
        assert (await browser.send(form)).wrong == ["name"]
        made = await browser.send(form, name="feed reader")
        found = re.search(r"ah_[\w-]{43}", made.text)
        assert found, made.text
        assert (await browser.send(form, name="feed reader")).text.count("feed reader") == made.text.count(
            "feed reader"
        ), "a form sent twice makes one key"

        page = await browser.open("/organisation/keys")
        revoke = next(form for form in page.forms if form.action.endswith("/revoke"))

        async def exchanged() -> bool:
            body = {"grant_type": "client_credentials", "client_id": revoke.action.split("/")[3]}
            body["client_secret"] = found.group(0)
            return (await world.alliance.client.post(f"/api/{REGISTRY}/token", data=body)).status_code == 200

        lost = await browser.open("/organisation/keys?cursor=nonsense")
        assert (lost.status, "This did not work" in lost.text, "is not a cursor" in lost.text) == (422, True, True), (
            lost.text
        )
        assert found.group(0) not in page.html
        assert await exchanged()
        assert "it opens nothing any more" in (await browser.send(revoke)).text
        assert not await exchanged()


async def test_a_password_is_changed_and_every_other_browser_is_out(world: World) -> None:
    await office(world, "hospital", "representative", "mover@people.test")
    async with (
        browsing(world, "mover@people.test", PASSWORD) as here,
        browsing(world, "mover@people.test", PASSWORD) as elsewhere,
    ):
        form = (await here.open("/account")).form("/account/password")
        passwords = {"current": PASSWORD, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}
        assert (await here.send(form, **passwords | {"again": "x"})).wrong == ["again"]
        assert (await here.send(form, **passwords | {"current": "wrong " * 4})).wrong == ["current"]
        changed = await here.send(form, **passwords)
        assert "The new password is set" in changed.text
        assert (await here.open("/needs")).status == 200

        async def out() -> bool:
            return (await elsewhere.open("/account")).path.startswith("/sign-in")

        await until(out, timeout=20)


async def test_the_secretariat_suspends_a_membership_and_resumes_it(world: World) -> None:
    made = await office(world, "enterprise", "representative", "late@people.test")
    path = f"/members/{made}"
    email, password = world.account("secretariat")
    async with browsing(world, email, password) as desk, browsing(world, "late@people.test", PASSWORD) as late:
        form = (await desk.open(path)).form(f"{path}/state")
        refused = await desk.send(form, state="suspended")
        assert refused.status == 422
        assert "Reason" in refused.text
        suspended = await desk.send(refused.form(f"{path}/state"), reason__en="The fee is overdue.")
        assert "The standing is changed" in suspended.text
        assert "The fee is overdue." in suspended.text
        assert made in (await desk.open("/members?state=suspended")).html

        async def closed() -> bool:
            return (await late.open("/organisation/people")).status in (403, 404)

        await until(closed, timeout=20)
        impossible = await desk.send(suspended.form(f"{path}/state"), state="grace", reason__en="Kindness")
        assert impossible.status == 409
        assert "cannot follow" in impossible.text
        await desk.send(impossible.form(f"{path}/state"), state="active")

        invited = (await desk.open(f"{path}/people")).form(f"{path}/people")
        shown = await desk.send(invited, name__en="Second", email="second@people.test", office="representative")
        assert "/invitation?code=" in shown.text


async def test_others_cannot_reach_the_secretariats_pages_of_a_member(world: World) -> None:
    email, password = world.account("hospital")
    async with browsing(world, email, password) as browser:
        for page in ("people", "keys", "edit", "items/new"):
            assert (await browser.open(f"/members/{world.enterprise}/{page}")).status == 403
        assert f"/members/{world.enterprise}/state" not in (await browser.open(f"/members/{world.enterprise}")).html
        own = (await browser.open("/organisation/edit")).form("/organisation/edit")
        assert (await browser.send(own, to=f"/members/{world.enterprise}/edit")).status == 403
        assert (await browser.send(own, to=f"/members/{world.enterprise}/state", state="withdrawn")).status == 403
