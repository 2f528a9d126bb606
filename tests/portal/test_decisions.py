"""A decision whose reason is refused: the field is named, what was typed is still there, nothing is decided."""

from collections.abc import Awaitable, Callable

import pytest

from tests.portal.conftest import World
from tests.portal.forms import Browser, Page, PageForm, browsing

PASTED = "from a\x0bword processor"
SHOWN = "from a word processor"  # what the test's reader of pages makes of it


async def withdrawing(browser: Browser, world: World) -> tuple[PageForm, Page]:
    form = (await browser.open(f"/needs/{world.published}")).form(f"/needs/{world.published}/withdraw")
    return form, await browser.send(form, reason=PASTED)


async def returning(browser: Browser, world: World) -> tuple[PageForm, Page]:
    form = (await browser.open(f"/desk/{world.submitted}")).form(f"/desk/{world.submitted}/return")
    return form, await browser.send(form, reason__en=PASTED, reason__zh="中文说明")


async def returning_an_application(browser: Browser, _: World) -> tuple[PageForm, Page]:
    page = await browser.open("/applications")
    form = next(form for form in page.forms if form.action.endswith("/return"))
    return form, await browser.send(form, reason__en=PASTED, reason__zh="中文说明")


async def declining(browser: Browser, world: World) -> tuple[PageForm, Page]:
    action = f"/suggestions/{world.suggestion}/answer"
    page = await browser.open(f"/suggestions/{world.suggestion}")
    form = [form for form in page.forms if form.action == action][-1]
    return form, await browser.send(form, answer="declined", reason="too_early", text=PASTED)


@pytest.mark.parametrize(
    ("side", "decide", "wrong"),
    [
        ("hospital", withdrawing, "reason"),
        ("secretariat", returning, "reason.en"),
        ("secretariat", returning_an_application, "reason.en"),
        ("enterprise", declining, "text"),
    ],
)
async def test_a_reason_that_cannot_be_kept_is_shown_again_and_nothing_is_decided(
    world: World, side: str, decide: Callable[[Browser, World], Awaitable[tuple[PageForm, Page]]], wrong: str
) -> None:
    async with browsing(world, *world.account(side)) as browser:
        form, refused = await decide(browser, world)
        assert refused.status == 422
        assert refused.wrong == [wrong]
        assert "contains a control character" in refused.text
        assert "What you typed is kept" in refused.text
        again = [one for one in refused.forms if one.action == form.action][-1]
        assert " ".join(again.fields[wrong][0].split()) == SHOWN
        if "reason.zh" in again.fields:
            assert again.fields["reason.zh"] == ["中文说明"]
        if wrong == "text":
            assert again.fields["reason"] == ["too_early"]
        (switch,) = {word.split('"')[0] for word in refused.html.split("/language/zh?next=")[1:]}
        assert (await browser.open(f"/language/zh?next={switch}")).status == 200


async def test_a_return_without_a_reason_says_what_is_needed(world: World) -> None:
    async with browsing(world, *world.account("secretariat")) as browser:
        page = await browser.open(f"/desk/{world.submitted}")
        refused = await browser.send(page.form(f"/desk/{world.submitted}/return"))
        assert refused.status == 422
        assert "is needed in Chinese or in English" in refused.text
        assert "fill in one language" in refused.text
