"""From a published need to a mutual match: who is suggested and why, who may answer what, and what becomes of it."""

from typing import Any
from uuid import UUID

import pytest

from common.ids import new_id
from common.testing import events_of, until
from common.vocabulary import MemberKind, MemberState, Office
from tests.project_matching.conftest import COILS, Alliance


async def suggestions(
    alliance: Alliance, who: dict[str, str], need_id: str, organisation: UUID
) -> dict[str, dict[str, Any]]:
    """The suggestions of a need by organisation, once this one is among them; other tests' organisations may be too."""
    found: dict[str, dict[str, Any]] = {}

    async def there() -> bool:
        items = (await alliance.get(who, f"/needs/{need_id}/suggestions", limit=100)).json()["items"]
        found.update({one["organisation"]["id"]: one for one in items})
        return str(organisation) in found

    await until(there, timeout=20)
    return found


async def one_suggestion(alliance: Alliance) -> tuple[dict[str, str], dict[str, str], dict[str, Any]]:
    """A hospital's person, an enterprise's person, and the suggestion between the two."""
    hospital = await alliance.person(await alliance.admitted())
    coils = await alliance.admitted(MemberKind.enterprise, items=[COILS])
    enterprise = await alliance.person(coils)
    need = await alliance.published(hospital)
    found = await suggestions(alliance, hospital, need["id"], coils)
    return hospital, enterprise, found[str(coils)]


async def test_a_suggestion_says_why_it_was_made_in_both_languages(alliance: Alliance) -> None:
    _, enterprise, suggestion = await one_suggestion(alliance)
    assert suggestion["state"] == "suggested"
    assert 0 < suggestion["score"] <= 1
    assert sum(facet["points"] for facet in suggestion["facets"]) == pytest.approx(suggestion["score"], abs=1e-5)
    assert all(facet["text"]["zh"] and facet["text"]["en"] for facet in suggestion["facets"])
    assert any("aneurysm" in word["need"].lower() for word in suggestion["words"])
    assert suggestion["item"]["title"] == {"zh": COILS.title.zh, "en": COILS.title.en}
    assert suggestion["engine"]["version"]
    assert suggestion["answers"] == {"need_side": None, "organisation_side": None}
    seen = await alliance.get(enterprise, f"/suggestions/{suggestion['id']}")
    assert seen.json() == suggestion
    assert [kind for _, kind, _ in await events_of(alliance.database, suggestion["id"])] == ["suggestion.made"]


async def test_interest_of_both_sides_makes_a_match_and_the_need_is_matched(alliance: Alliance) -> None:
    hospital, enterprise, suggestion = await one_suggestion(alliance)
    path = f"/suggestions/{suggestion['id']}/answer"
    first = await alliance.post(enterprise, path, {"answer": "interested"})
    assert (first.status_code, first.json()["state"]) == (200, "interested")
    need_path = f"/needs/{suggestion['need']['id']}"
    assert (await alliance.get(hospital, need_path)).json()["counts"]["interested"] == 1
    second = await alliance.post(hospital, path, {"answer": "interested"})
    assert second.json()["state"] == "mutual"
    assert second.json()["answers"]["need_side"]["answer"] == "interested"
    assert (await alliance.get(hospital, need_path)).json()["state"] == "matched"
    events = await events_of(alliance.database, suggestion["id"])
    assert [(version, event["state"]) for version, _, event in events[1:]] == [(2, "interested"), (3, "mutual")]
    assert (await events_of(alliance.database, suggestion["need"]["id"]))[-1][2]["state"] == "matched"


async def test_a_side_answers_once_and_its_repetition_gets_the_first_answer(alliance: Alliance) -> None:
    _, enterprise, suggestion = await one_suggestion(alliance)
    path = f"/suggestions/{suggestion['id']}/answer"
    first = await alliance.post(enterprise, path, {"answer": "interested"}, key="once")
    repeated = await alliance.post(enterprise, path, {"answer": "interested"}, key="once")
    assert (repeated.status_code, repeated.json()) == (200, first.json())
    again = await alliance.post(enterprise, path, {"answer": "declined", "reason": "no_capacity"})
    assert (again.status_code, again.json()["code"]) == (409, "already_answered")


async def test_what_was_declined_cannot_be_answered_by_the_other_side(alliance: Alliance) -> None:
    hospital, enterprise, suggestion = await one_suggestion(alliance)
    path = f"/suggestions/{suggestion['id']}/answer"
    body = {"answer": "declined", "reason": "too_early", "text": {"zh": "过早"}}
    declined = await alliance.post(hospital, path, body)
    assert declined.json()["state"] == "declined"
    assert declined.json()["answers"]["need_side"]["reason"] == "too_early"
    refusal = await alliance.post(enterprise, path, {"answer": "interested"})
    assert (refusal.status_code, refusal.json()["code"]) == (409, "already_declined")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"answer": "declined"}, "reason"),
        ({"answer": "declined", "reason": "other"}, "text"),
        ({"answer": "interested", "reason": "too_early"}, "reason"),
        ({"answer": "declined", "reason": "because"}, "reason"),
        ({"answer": "perhaps"}, "answer"),
        ({}, "answer"),
    ],
)
async def test_an_answer_that_makes_no_sense_is_refused_at_its_field(
    alliance: Alliance, body: dict[str, str], field: str
) -> None:
    someone = await alliance.person(await alliance.organisation())
    refusal = await alliance.post(someone, f"/suggestions/{new_id()}/answer", body)
    assert refusal.status_code == 422
    assert refusal.json()["errors"][0]["field"] == field


async def test_nobody_else_sees_or_answers_a_suggestion(alliance: Alliance) -> None:
    _, enterprise, suggestion = await one_suggestion(alliance)
    stranger = await alliance.person(await alliance.organisation(MemberKind.enterprise))
    path = f"/suggestions/{suggestion['id']}"
    assert (await alliance.get(stranger, path)).status_code == 404
    assert (await alliance.post(stranger, f"{path}/answer", {"answer": "interested"})).status_code == 404
    assert (await alliance.get(alliance.secretariat, path)).status_code == 200
    refused = await alliance.post(alliance.secretariat, f"{path}/answer", {"answer": "interested"})
    assert refused.status_code == 403
    reader = await alliance.person(UUID(suggestion["organisation"]["id"]), Office.reader)
    assert (await alliance.get(reader, path)).status_code == 200
    assert (await alliance.post(reader, f"{path}/answer", {"answer": "interested"})).status_code == 403
    listed = await alliance.get(stranger, f"/needs/{suggestion['need']['id']}/suggestions")
    assert listed.json()["items"] == []
    own = await alliance.get(enterprise, f"/needs/{suggestion['need']['id']}/suggestions")
    assert [one["id"] for one in own.json()["items"]] == [suggestion["id"]]


async def test_what_waits_for_an_answer_is_listed_until_it_is_given(alliance: Alliance) -> None:
    hospital, enterprise, suggestion = await one_suggestion(alliance)

    async def waiting(who: dict[str, str]) -> list[str]:
        return [one["id"] for one in (await alliance.get(who, "/suggestions", waiting=True, limit=100)).json()["items"]]

    assert suggestion["id"] in await waiting(enterprise)
    assert suggestion["id"] in await waiting(hospital)
    await alliance.post(enterprise, f"/suggestions/{suggestion['id']}/answer", {"answer": "interested"})
    assert suggestion["id"] not in await waiting(enterprise)
    assert suggestion["id"] in await waiting(hospital)
    everything = (await alliance.get(enterprise, "/suggestions")).json()["items"]
    assert suggestion["id"] in [one["id"] for one in everything]


async def test_a_withdrawn_need_lets_its_suggestions_lapse(alliance: Alliance) -> None:
    hospital, enterprise, suggestion = await one_suggestion(alliance)
    await alliance.post(hospital, f"/needs/{suggestion['need']['id']}/withdraw", {})
    assert (await alliance.get(enterprise, f"/suggestions/{suggestion['id']}")).json()["state"] == "lapsed"
    refusal = await alliance.post(enterprise, f"/suggestions/{suggestion['id']}/answer", {"answer": "interested"})
    assert (refusal.status_code, refusal.json()["code"]) == (409, "suggestion_lapsed")
    waiting = (await alliance.get(enterprise, "/suggestions", waiting=True, limit=100)).json()["items"]
    assert suggestion["id"] not in [one["id"] for one in waiting]


async def test_a_new_organisation_is_matched_with_the_needs_that_are_open_already(alliance: Alliance) -> None:
    hospital = await alliance.person(await alliance.admitted())
    need = await alliance.published(hospital)
    late = await alliance.admitted(MemberKind.enterprise, items=[COILS])
    await suggestions(alliance, hospital, need["id"], late)


async def test_hard_exclusions_hold_whatever_the_words_say(alliance: Alliance) -> None:
    own = await alliance.admitted(MemberKind.university, items=[COILS])
    suspended = await alliance.admitted(MemberKind.enterprise, items=[COILS], state=MemberState.suspended)
    unwanted = await alliance.admitted(MemberKind.hospital, items=[COILS])
    blocked = await alliance.admitted(MemberKind.enterprise, items=[COILS])
    wanted = await alliance.admitted(MemberKind.enterprise, items=[COILS])
    author = await alliance.person(own)
    need = await alliance.published(author, blocked_organisations=[str(blocked)], wanted=["enterprise", "university"])
    await suggestions(alliance, author, need["id"], wanted)
    rows = await alliance.database.fetch("SELECT organisation_id FROM suggestion WHERE need_id = $1", UUID(need["id"]))
    found = {str(row["organisation_id"]) for row in rows}
    assert found.isdisjoint({str(own), str(suspended), str(unwanted), str(blocked)})


async def test_undisclosed_words_neither_match_nor_travel(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.admitted())
    coils = await alliance.admitted(MemberKind.enterprise, items=[COILS])
    title = {"en": "A confidential matter of the department"}
    need = await alliance.published(author, title=title, disclosure="data_room")
    marker = await alliance.published(author)
    await suggestions(alliance, author, marker["id"], coils)
    found = (await alliance.get(author, f"/needs/{need['id']}/suggestions")).json()["items"]
    assert str(coils) not in [one["organisation"]["id"] for one in found]
    published = (await events_of(alliance.database, need["id"]))[-1][2]["need"]
    assert published["title"] == {"zh": None, "en": title["en"]}
    empty = {"zh": None, "en": None}
    assert all(published[name] == empty for name in ("problem", "population", "outcome", "workflow_step"))
