"""A need's author sees what happened to it and takes it back; nobody takes back what is not theirs."""

from tests.journeys.building import MATCHING, PASSWORD, REGISTRY, made, need
from tests.portal.conftest import NEED, World
from tests.portal.forms import browsing


async def test_the_author_withdraws_a_need_and_reads_its_history(world: World) -> None:
    doctor = await world.alliance.sign_in("hospital@people.test", PASSWORD)
    wanted = await need(doctor, NEED | {"title": {"zh": None, "en": "Taken back later"}})
    email, password = world.account("hospital")
    async with browsing(world, email, password) as browser:
        page = await browser.open(f"/needs/{wanted}")
        assert "Sent to the secretariat" in page.text
        form = page.form(f"/needs/{wanted}/withdraw")
        later = (await browser.open(f"/needs/{wanted}")).form(f"/needs/{wanted}/withdraw")
        withdrawn = await browser.send(form, reason="Solved in the meantime")
        assert "The need is withdrawn" in withdrawn.text
        assert "Solved in the meantime" in withdrawn.text
        assert withdrawn.text.index("Withdrawn") < withdrawn.text.index("Draft begun")
        again = await browser.send(later, reason="Once more")
        assert "Once more" not in again.text
        assert f"/needs/{wanted}/withdraw" not in again.html


async def test_a_need_that_was_changed_meanwhile_is_not_withdrawn(world: World) -> None:
    doctor = await world.alliance.sign_in("hospital@people.test", PASSWORD)
    draft = await made(doctor, f"{MATCHING}/needs", {"title": {"zh": None, "en": "Still a draft"}})
    email, password = world.account("hospital")
    async with browsing(world, email, password) as browser:
        form = (await browser.open(f"/needs/{draft}")).form(f"/needs/{draft}/withdraw")
        body = {"title": {"zh": None, "en": "Still a draft, better"}}
        assert (await doctor.put(f"{MATCHING}/needs/{draft}", body, 1)).status_code == 200
        assert "changed in the meantime" in (await browser.send(form, reason="Too late")).text
        assert (await doctor.get(f"{MATCHING}/needs/{draft}")).json()["state"] == "draft"


async def test_a_reader_sees_the_history_and_cannot_withdraw(world: World) -> None:
    secretariat = await world.alliance.secretariat()
    body = {"name": {"en": "Reader"}, "email": "needs-reader@people.test", "password": PASSWORD, "office": "reader"}
    assert (await secretariat.post(f"{REGISTRY}/organisations/{world.hospital}/people", body)).status_code == 201
    async with browsing(world, "needs-reader@people.test", PASSWORD) as browser:
        page = await browser.open(f"/needs/{world.published}")
    assert "Published; matching began" in page.text
    assert "/withdraw" not in page.html


async def test_answered_suggestions_are_found_again(world: World) -> None:
    """Waiting ones are only some of all."""
    email, password = world.account("enterprise")
    async with browsing(world, email, password) as browser:
        assert world.suggestion in (await browser.open("/suggestions?every=1")).html
