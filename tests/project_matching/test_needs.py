"""A need from the draft to its end, over HTTP: what each step asks for, and what it tells the others."""

from typing import Any

import pytest

from common.testing import events_of, until
from common.vocabulary import MemberKind, Office, RecordKind
from tests.project_matching.conftest import COMPLETE, PREFIX, Alliance


async def test_a_draft_is_answered_with_its_version_and_address(alliance: Alliance) -> None:
    hospital = await alliance.organisation()
    author = await alliance.person(hospital)
    answer = await alliance.post(author, "/needs", dict(COMPLETE))
    assert answer.status_code == 201
    need = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"{PREFIX}/needs/{need['id']}"
    assert need["state"] == "draft"
    assert need["organisation"]["id"] == str(hospital)
    assert need["problem"] == {"zh": COMPLETE["problem"]["zh"], "en": COMPLETE["problem"]["en"]}
    assert (need["redacted"], need["record"], need["disclosure"]) == (False, "member", "summary")
    assert (await alliance.get(author, f"/needs/{need['id']}")).json() == need


async def test_an_organisation_s_new_name_reaches_its_drafts_though_the_old_one_is_remembered(
    alliance: Alliance,
) -> None:
    hospital = await alliance.organisation()
    author = await alliance.person(hospital)
    await alliance.draft(author)
    await alliance.database.execute("UPDATE profile SET name_zh = '新名称' WHERE organisation_id = $1", hospital)

    async def told() -> bool:
        need = await alliance.draft(author)
        return bool(need["organisation"]["name"]["zh"] == "新名称")

    await until(told)


async def test_a_need_lives_from_draft_to_published_and_each_step_is_one_event(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    need = await alliance.published(author)
    assert need["state"] == "published"
    assert need["published_at"]
    events = await events_of(alliance.database, need["id"])
    assert [(version, kind) for version, kind, _ in events] == [
        (1, "need.changed"),
        (2, "need.changed"),
        (3, "need.published"),
    ]
    assert events[0][2]["title"] is None, "a draft's title stays at home"
    assert events[2][2]["need"]["problem"]["en"] == COMPLETE["problem"]["en"]


async def test_a_draft_needs_only_a_title_and_submission_names_everything_missing(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    draft = (await alliance.post(author, "/needs", {"title": {"en": "Clots that break"}})).json()
    for language, word in (("zh", "必填"), ("en", "is missing")):
        refusal = await alliance.post(
            author, f"/needs/{draft['id']}/submit", key=f"{draft['id']}{language}", accept_language=language
        )
        assert refusal.status_code == 422
        assert refusal.json()["code"] == "need_incomplete"
        found = {error["field"]: error for error in refusal.json()["errors"]}
        assert set(found) == {
            "problem", "population", "outcome", "workflow_step", "specialty", "achievement_type", "wanted",
        }  # fmt: skip
        assert all(error["message"] == word and error["remedy"] for error in found.values())
    assert (await alliance.get(author, f"/needs/{draft['id']}")).json()["state"] == "draft"


async def test_a_returned_need_is_revised_and_submitted_again(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    need = await alliance.submitted(author)
    reason = {"zh": "请写明人群。", "en": "Please name the population."}
    returned = await alliance.post(alliance.secretariat, f"/needs/{need['id']}/return", {"reason": reason})
    assert returned.status_code == 200
    seen = await alliance.get(author, f"/needs/{need['id']}")
    assert (seen.json()["state"], seen.json()["return_reason"]) == ("draft", reason)
    assert (await events_of(alliance.database, need["id"]))[-1][2]["returned"] is True
    again = {**COMPLETE, "population": {"en": "adults with wide-neck aneurysms"}}
    revised = await alliance.put(author, f"/needs/{need['id']}", again, seen.headers["etag"])
    assert revised.status_code == 200
    assert revised.json()["population"] == {"zh": None, "en": "adults with wide-neck aneurysms"}
    submitted = (await alliance.post(author, f"/needs/{need['id']}/submit")).json()
    assert (submitted["state"], submitted["return_reason"]) == ("submitted", None)


async def test_returning_without_a_reason_is_refused(alliance: Alliance) -> None:
    need = await alliance.submitted(await alliance.person(await alliance.organisation()))
    bodies: list[dict[str, Any]] = [{}, {"reason": {}}, {"reason": {"zh": "  "}}]
    for body in bodies:
        refusal = await alliance.post(alliance.secretariat, f"/needs/{need['id']}/return", body)
        assert refusal.status_code == 422, body


async def test_a_change_needs_the_version_that_was_read(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    need = await alliance.draft(author)
    body = {**COMPLETE, "title": {"en": "A better title"}}
    assert (await alliance.put(author, f"/needs/{need['id']}", body)).status_code == 428
    assert (await alliance.put(author, f"/needs/{need['id']}", body, '"7"')).status_code == 412
    assert (await alliance.put(author, f"/needs/{need['id']}", body, "nonsense")).status_code == 412
    assert (await alliance.put(author, f"/needs/{need['id']}", body, '"1"')).status_code == 200
    assert (await alliance.put(author, f"/needs/{need['id']}", body, '"1"')).status_code == 412


async def test_a_step_on_another_version_than_the_one_seen_is_refused(alliance: Alliance) -> None:
    need = await alliance.submitted(await alliance.person(await alliance.organisation()))
    path = f"/needs/{need['id']}/publish"
    assert (await alliance.post(alliance.secretariat, path, if_match='"1"')).status_code == 412
    assert (await alliance.post(alliance.secretariat, path, if_match='"2"')).status_code == 200


async def test_what_is_being_checked_stands_still(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    need = await alliance.submitted(author)
    refusal = await alliance.put(author, f"/needs/{need['id']}", dict(COMPLETE), '"2"')
    assert (refusal.status_code, refusal.json()["code"]) == (409, "need_state")


async def test_a_translation_left_behind_is_named(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    need = await alliance.draft(author)
    assert need["stale_translations"] == []
    body = {**COMPLETE, "title": {**COMPLETE["title"], "zh": "瘤颈复发"}}
    revised = await alliance.put(author, f"/needs/{need['id']}", body, '"1"')
    assert revised.json()["stale_translations"] == ["title.en"]


@pytest.mark.parametrize("step", ["publish", "return", "submit"])
async def test_a_step_out_of_turn_is_a_conflict(alliance: Alliance, step: str) -> None:
    author = await alliance.person(await alliance.organisation())
    need = await alliance.published(author)
    who = author if step == "submit" else alliance.secretariat
    body = {"reason": {"en": "x"}} if step == "return" else None
    answer = await alliance.post(who, f"/needs/{need['id']}/{step}", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "need_state")


async def test_a_withdrawn_need_is_gone_for_others_and_stays_for_its_poster(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    reader = await alliance.person(await alliance.organisation(MemberKind.enterprise), Office.reader)
    need = await alliance.published(author)
    assert (await alliance.get(reader, f"/needs/{need['id']}")).status_code == 200
    body = {"reason": {"zh": "已自行解决。"}}
    assert (await alliance.post(author, f"/needs/{need['id']}/withdraw", body)).json()["state"] == "withdrawn"
    assert (await alliance.get(reader, f"/needs/{need['id']}")).status_code == 404
    assert (await alliance.get(author, f"/needs/{need['id']}")).json()["withdraw_reason"] == {
        "zh": "已自行解决。",
        "en": None,
    }
    assert (await alliance.post(author, f"/needs/{need['id']}/withdraw", {})).status_code == 409


async def test_a_repeated_post_makes_one_draft(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    first = await alliance.post(author, "/needs", dict(COMPLETE), key="same")
    second = await alliance.post(author, "/needs", dict(COMPLETE), key="same")
    assert first.json() == second.json()
    other = await alliance.post(author, "/needs", {**COMPLETE, "specialty": "icas"}, key="same")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len((await alliance.get(author, "/needs", mine=True)).json()["items"]) == 1


async def test_a_repeated_step_gets_its_first_answer(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    need = await alliance.draft(author)
    first = await alliance.post(author, f"/needs/{need['id']}/submit", key="once")
    second = await alliance.post(author, f"/needs/{need['id']}/submit", key="once")
    assert (first.status_code, first.json()) == (second.status_code, second.json())


PROVENANCE = {"source": "US Code of Federal Regulations", "licence": "public domain", "as_of": "2025"}
RECORD: dict[str, Any] = {
    "title": {"en": "Alanine amino transferase test system"},
    "problem": {"en": "measure the activity of the enzyme in serum"},
    "specialty": "clinical_chemistry",
    "achievement_type": "reagent_kit",
    "wanted": ["enterprise"],
}


async def test_the_secretariat_posts_public_records_and_they_say_where_they_come_from(alliance: Alliance) -> None:
    source = await alliance.organisation(MemberKind.partner, record=RecordKind.public_record)
    body = {**RECORD, "organisation_id": str(source)}
    need = (await alliance.post(alliance.secretariat, "/needs", body)).json()
    assert need["record"] == "public_record"
    path = f"/needs/{need['id']}"
    refusal = await alliance.post(alliance.secretariat, f"{path}/submit")
    assert [error["field"] for error in refusal.json()["errors"]] == ["provenance"]
    revised = await alliance.put(alliance.secretariat, path, {**RECORD, "provenance": PROVENANCE}, '"1"')
    assert revised.status_code == 200, revised.text
    assert (await alliance.post(alliance.secretariat, f"{path}/submit")).status_code == 200
    published = await alliance.post(alliance.secretariat, f"{path}/publish")
    assert published.json()["provenance"] == {**PROVENANCE, "url": None}


async def test_a_member_cannot_pass_its_need_off_as_a_record_nor_the_other_way_round(alliance: Alliance) -> None:
    member = await alliance.person(await alliance.organisation())
    demo = await alliance.person(await alliance.organisation(record=RecordKind.demo))
    for who, body in (
        (member, {**COMPLETE, "record": "public_record", "provenance": PROVENANCE}),
        (member, {**COMPLETE, "record": "demo"}),
        (member, {**COMPLETE, "provenance": PROVENANCE}),
        (demo, {**COMPLETE, "record": "member"}),
    ):
        refusal = await alliance.post(who, "/needs", body)
        assert refusal.status_code == 422, body
    assert (await alliance.draft(demo))["record"] == "demo"
