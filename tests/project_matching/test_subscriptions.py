"""Standing subscriptions: an organisation's own, changed as a whole, and what they bring."""

from typing import Any

import pytest

from common.ids import new_id
from common.testing import events_of, until
from common.vocabulary import MemberKind, Office
from tests.project_matching.conftest import Alliance

FILTER: dict[str, Any] = {
    "name": {"zh": "动脉瘤", "en": "Aneurysms"},
    "specialties": ["aneurysm"],
    "words_any": ["瘤颈", "aneurysm neck"],
}


async def subscriber(alliance: Alliance) -> dict[str, str]:
    return await alliance.person(await alliance.admitted(MemberKind.enterprise))


async def hits(alliance: Alliance, subscription_id: str, need_id: str) -> list[dict[str, Any]]:
    """What a subscription has brought, once this need is there; other tests' needs may be among it."""
    rows: list[Any] = []

    async def enough() -> bool:
        sql = "SELECT id, need_id FROM hit WHERE subscription_id = $1"
        rows[:] = await alliance.database.fetch(sql, subscription_id)
        return need_id in [str(row["need_id"]) for row in rows]

    await until(enough, timeout=20)
    return [(await events_of(alliance.database, row["id"]))[0][2] for row in rows]


async def test_a_subscription_is_made_read_changed_and_ended_by_its_organisation(alliance: Alliance) -> None:
    firm = await alliance.organisation(MemberKind.enterprise)
    owner, reader = await alliance.person(firm), await alliance.person(firm, Office.reader)
    made = await alliance.post(owner, "/subscriptions", FILTER)
    assert made.status_code == 201
    path = f"/subscriptions/{made.json()['id']}"
    assert (await alliance.get(reader, path)).json() == made.json()
    assert [one["id"] for one in (await alliance.get(reader, "/subscriptions")).json()["items"]] == [made.json()["id"]]
    changed = await alliance.put(owner, path, {"name": FILTER["name"], "specialties": ["icas"]}, '"1"')
    assert (changed.json()["specialties"], changed.json()["words_any"]) == (["icas"], [])
    headers = {**owner, "if-match": '"1"'}
    whole = "/api/project_matching/v1" + path
    assert (await alliance.client.delete(whole, headers=owner)).status_code == 428
    assert (await alliance.client.delete(whole, headers=headers)).status_code == 412
    assert (await alliance.client.delete(whole, headers={**owner, "if-match": '"2"'})).status_code == 204
    assert (await alliance.get(owner, path)).status_code == 404
    assert (await alliance.get(owner, "/subscriptions")).json()["items"] == []
    events = await events_of(alliance.database, made.json()["id"])
    assert [(version, event["active"]) for version, _, event in events] == [(1, True), (2, True), (3, False)]


async def test_nobody_reaches_the_subscription_of_another_organisation(alliance: Alliance) -> None:
    owner = await alliance.person(await alliance.organisation(MemberKind.enterprise))
    stranger = await alliance.person(await alliance.organisation(MemberKind.enterprise))
    path = f"/subscriptions/{(await alliance.post(owner, '/subscriptions', FILTER)).json()['id']}"
    for other in (stranger, alliance.secretariat):
        assert (await alliance.get(other, path)).status_code == 404
    assert (await alliance.put(stranger, path, FILTER, '"1"')).status_code == 404
    answer = await alliance.client.delete("/api/project_matching/v1" + path, headers={**stranger, "if-match": '"1"'})
    assert answer.status_code == 404


@pytest.mark.parametrize("office", [Office.reader, Office.clinician])
async def test_readers_and_clinicians_do_not_subscribe(alliance: Alliance, office: Office) -> None:
    who = await alliance.person(await alliance.organisation(), office)
    assert (await alliance.post(who, "/subscriptions", FILTER)).status_code == 403


async def test_a_published_need_reaches_the_subscription_it_passes_with_its_words(alliance: Alliance) -> None:
    owner = await subscriber(alliance)
    subscription = (await alliance.post(owner, "/subscriptions", FILTER)).json()
    author = await alliance.person(await alliance.admitted())
    need = await alliance.published(author)
    other = await alliance.published(author, specialty="icas")
    found = await hits(alliance, subscription["id"], need["id"])
    (hit,) = [one for one in found if one["need_id"] == need["id"]]
    assert other["id"] not in [one["need_id"] for one in found]
    assert hit["need_title"] == need["title"]
    assert hit["need_summary"] == need["problem"]
    assert set(hit["words"]) == set(FILTER["words_any"])
    assert hit["subscription_name"] == FILTER["name"]


async def test_a_new_subscription_hears_of_the_needs_that_are_open_already_and_of_each_once(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.admitted())
    need = await alliance.published(author)
    owner = await subscriber(alliance)
    subscription = (await alliance.post(owner, "/subscriptions", FILTER)).json()
    await hits(alliance, subscription["id"], need["id"])
    await alliance.put(owner, f"/subscriptions/{subscription['id']}", FILTER, '"1"')
    later = await alliance.published(author)
    after = await hits(alliance, subscription["id"], later["id"])
    assert [hit["need_id"] for hit in after].count(need["id"]) == 1


async def test_a_withheld_text_passes_no_subscription(alliance: Alliance) -> None:
    mark = f"q{new_id().hex}"
    owner = await subscriber(alliance)
    body = {"name": {"en": "Marked"}, "words_any": [mark]}
    subscription = (await alliance.post(owner, "/subscriptions", body)).json()
    author = await alliance.person(await alliance.admitted())
    await alliance.published(author, disclosure="undertaking", problem={"en": f"withheld {mark}"})
    told = await alliance.published(author, problem={"en": f"told {mark}"})
    found = await hits(alliance, subscription["id"], told["id"])
    assert [hit["need_id"] for hit in found] == [told["id"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": {}}, "name"),
        ({**FILTER, "specialties": ["astrology"]}, "specialties[0]"),
        ({**FILTER, "words_any": ["a"] * 51}, "words_any"),
        ({**FILTER, "words_any": ["a" * 101]}, "words_any[0]"),
        ({**FILTER, "words_none": ["\u0000"]}, "words_none[0]"),
        ({**FILTER, "organisation_kinds": ["enterprise"]}, "organisation_kinds"),
    ],
)
async def test_a_wrong_filter_is_refused_at_its_field(alliance: Alliance, body: dict[str, Any], field: str) -> None:
    owner = await alliance.person(await alliance.organisation(MemberKind.enterprise))
    refusal = await alliance.post(owner, "/subscriptions", body)
    assert refusal.status_code == 422
    assert [error["field"] for error in refusal.json()["errors"]] == [field]
