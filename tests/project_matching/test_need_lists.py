"""Who finds which needs: lists, search and pages show exactly what the rules of disclosure allow."""

from itertools import product
from typing import Any
from uuid import UUID

import pytest

from common.ids import new_id
from common.vocabulary import Disclosure, MemberKind, NeedState, Office
from project_matching.model.disclosure import Sight, Viewer, sight
from project_matching.store.need_lists import NeedFilter, seen_needs
from project_matching.store.needs import seen_need
from tests.project_matching.conftest import Alliance

LEVELS = [level.value for level in Disclosure]


async def found(alliance: Alliance, who: dict[str, str], **narrowed: Any) -> list[dict[str, Any]]:
    """Every page of a list."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await alliance.get(who, "/needs", **narrowed, **cursor)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if answer.json()["next"] is None:
            return items
        cursor = {"cursor": answer.json()["next"]}


@pytest.mark.parametrize("office", [Office.representative, Office.editor, Office.clinician, Office.reader])
async def test_a_draft_is_seen_by_its_own_people_only(alliance: Alliance, office: Office) -> None:
    hospital = await alliance.organisation()
    need = await alliance.draft(await alliance.person(hospital, Office.clinician))
    colleague = await alliance.person(hospital, office)
    stranger = await alliance.person(await alliance.organisation(), office)
    path = f"/needs/{need['id']}"
    assert (await alliance.get(colleague, path)).status_code == 200
    for other in (stranger, alliance.secretariat):
        assert (await alliance.get(other, path)).status_code == 404
        assert need["id"] not in [one["id"] for one in await found(alliance, other, limit=100)]


async def test_a_submitted_need_is_seen_by_the_secretariat_too_and_a_returned_one_no_longer(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    stranger = await alliance.person(await alliance.organisation(MemberKind.enterprise))
    path = f"/needs/{(await alliance.submitted(author))['id']}"
    assert (await alliance.get(alliance.secretariat, path)).json()["redacted"] is False
    assert (await alliance.get(stranger, path)).status_code == 404
    await alliance.post(alliance.secretariat, f"{path}/return", {"reason": {"en": "unclear"}})
    assert (await alliance.get(alliance.secretariat, path)).status_code == 404


@pytest.mark.parametrize("level", LEVELS)
async def test_others_read_of_a_published_need_what_its_level_discloses(alliance: Alliance, level: str) -> None:
    author = await alliance.person(await alliance.organisation())
    stranger = await alliance.person(await alliance.organisation(MemberKind.enterprise), Office.reader)
    need = await alliance.published(author, disclosure=level, blocked_organisations=[str(new_id())])
    seen = (await alliance.get(stranger, f"/needs/{need['id']}")).json()
    assert seen["title"] == need["title"]
    assert (seen["specialty"], seen["wanted"]) == (need["specialty"], need["wanted"])
    assert seen["blocked_organisations"] == []
    texts = [seen[name] for name in ("problem", "population", "outcome", "workflow_step")]
    if level == "summary":
        assert texts == [need[name] for name in ("problem", "population", "outcome", "workflow_step")]
    else:
        assert seen["redacted"] is True
        assert texts == [{"zh": None, "en": None}] * 4
    for entitled in (author, alliance.secretariat):
        assert (await alliance.get(entitled, f"/needs/{need['id']}")).json()["problem"] == need["problem"]


@pytest.mark.parametrize("level", LEVELS)
async def test_the_search_of_others_does_not_betray_what_is_withheld(alliance: Alliance, level: str) -> None:
    author = await alliance.person(await alliance.organisation())
    stranger = await alliance.person(await alliance.organisation(MemberKind.enterprise))
    secret = f"q{new_id().hex}"
    need = await alliance.published(author, disclosure=level, outcome={"en": f"less {secret} than today"})
    ids = [one["id"] for one in await found(alliance, stranger, q=secret)]
    assert ids == ([need["id"]] if level == "summary" else [])
    for entitled in (author, alliance.secretariat):
        assert [one["id"] for one in await found(alliance, entitled, q=secret)] == [need["id"]]


async def test_needs_are_found_by_words_in_chinese_and_english_together(alliance: Alliance) -> None:
    mark = f"x{new_id().hex}"
    author = await alliance.person(await alliance.organisation())
    need = await alliance.published(author, title={"zh": f"颅内动脉瘤栓塞后复发 {mark}", "en": "Recurring aneurysms"})
    for words in (f"动脉瘤 {mark}", f"aneurysm {mark}", f"复发 recurring {mark}", mark[:12].upper()):
        assert [one["id"] for one in await found(alliance, author, q=words)] == [need["id"]], words
    for words in (f"静脉 {mark}", f"catheter {mark}", "。，!?"):
        assert await found(alliance, author, q=words) == [], words


async def test_every_filter_narrows_and_filters_add_up(alliance: Alliance) -> None:
    hospital = await alliance.organisation()
    author = await alliance.person(hospital)
    one = await alliance.published(author, specialty="robots", achievement_type="data_ai", wanted=["university"])
    other = await alliance.published(author, specialty="csdh", achievement_type="consumable", wanted=["enterprise"])

    async def ids(**narrowed: Any) -> set[str]:
        return {need["id"] for need in await found(alliance, author, mine=True, **narrowed)}

    assert await ids() == {one["id"], other["id"]}
    assert await ids(specialty="robots") == await ids(achievement_type="data_ai") == {one["id"]}
    assert await ids(wanted="enterprise") == {other["id"]}
    assert await ids(state="published", specialty="csdh") == {other["id"]}
    assert await ids(state="draft") == await ids(record="demo") == set()
    assert await ids(specialty="robots", wanted="hospital") == set()


async def test_pages_follow_one_another_without_a_gap_or_a_repetition(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    made = [(await alliance.draft(author))["id"] for _ in range(7)]
    newest_first = [one["id"] for one in await found(alliance, author, mine=True, limit=3)]
    assert newest_first == made[::-1]


async def test_the_queue_of_the_secretariat_is_worked_off_from_its_beginning(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    made = [(await alliance.submitted(author))["id"] for _ in range(3)]
    queue = [one["id"] for one in await found(alliance, alliance.secretariat, state="submitted", limit=2)]
    assert [one for one in queue if one in made] == made


@pytest.mark.parametrize(
    "cursor", ["x", "%00", "W10", "WzFd", "WyJhIiwiYiJd", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwiMCJd", "A" * 501]
)
async def test_a_made_up_cursor_is_refused(alliance: Alliance, cursor: str) -> None:
    for path in ("/needs", "/suggestions", "/subscriptions"):
        assert (await alliance.get(alliance.secretariat, path, cursor=cursor)).status_code == 422


async def test_the_list_follows_the_same_rule_as_the_single_need(alliance: Alliance) -> None:
    hospital = await alliance.organisation()
    author = await alliance.person(hospital)
    made: list[UUID] = []
    for state, level in product(NeedState, Disclosure):
        need = await alliance.draft(author, disclosure=level.value)
        made.append(UUID(need["id"]))
        await alliance.database.execute(
            """UPDATE need SET state = $2, submitted_at = CASE WHEN $2 = 'draft' THEN NULL ELSE now() END,
               published_at = CASE WHEN $2 IN ('draft', 'submitted') THEN NULL ELSE now() END WHERE id = $1""",
            made[-1],
            state.value,
        )
    for viewer in (
        Viewer((hospital,), secretariat=False),
        Viewer((new_id(),), secretariat=False),
        Viewer((), secretariat=False),
        Viewer((), secretariat=True),
    ):
        listed = await seen_needs(alliance.database, viewer, NeedFilter(), after=None, limit=10_000)
        shown = {seen.need.id for seen in listed} & set(made)
        for need_id in made:
            seen = await seen_need(alliance.database, need_id, viewer)
            assert seen is not None
            assert (need_id in shown) is (sight(seen.need, viewer, mutual=seen.mutual) is not Sight.nothing)
    await alliance.database.execute("DELETE FROM need WHERE id = ANY($1)", made)
