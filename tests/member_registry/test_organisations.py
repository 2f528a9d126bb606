"""Organisations over HTTP: registered, found, described, suspended; and who may do what."""

import asyncio
from typing import Any

import pytest

from common.ids import new_id
from common.testing import events_of, until
from common.vocabulary import Office
from tests.member_registry.conftest import HOSPITAL, Registry, bearer, unique

PROFILE: dict[str, Any] = {
    "website": "https://hospital.example/about",
    "region": "CN-11",
    "summary": {"zh": "脑血管病介入诊疗。", "en": "Neurointervention."},
    "specialties": ["ais_thrombectomy", "robots"],
    "capabilities": [{"zh": "取栓器械临床试验", "en": "Clinical trials of thrombectomy devices"}],
    "items": [
        {
            "title": {"zh": "血管内手术机器人", "en": "Endovascular robot"},
            "text": {"zh": "远程操控导丝与微导管。", "en": "Remote handling of guidewires."},
            "device_class": "III",
            "specialty": "robots",
            "stage": "prototype",
            "year": 2025,
            "reference": "P-1",
        }
    ],
}
REASON = {"zh": "会费逾期", "en": "The fee is overdue"}


async def test_what_was_registered_is_read_back_whole(registry: Registry) -> None:
    sent = {**HOSPITAL, **PROFILE, "ror": "https://ror.org/05qgkbq61", "record": "public_record"}
    sent["provenance"] = {"source": "a register", "licence": "CC0", "as_of": "2026-11", "url": None}
    answer = await registry.post(registry.secretariat, "/organisations", sent)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"].endswith(f"/organisations/{body['id']}")
    assert {name: body[name] for name in sent} == sent | {"ror": "05qgkbq61"}
    assert (body["state"], body["version"], body["summary_revisions"]) == ("active", 1, {"zh": 1, "en": 1})
    found = await registry.get(registry.secretariat, f"/organisations/{body['id']}")
    assert found.json() == body
    ((version, name, told),) = await events_of(registry.database, body["id"])
    assert (version, name) == (1, "organisation.admitted")
    assert told["organisation"]["items"] == sent["items"]


async def test_a_code_stands_for_one_organisation(registry: Registry) -> None:
    body = {**HOSPITAL, "kind": "enterprise", "uscc": "91350100M000100Y43"}
    first = await registry.post(registry.secretariat, "/organisations", body)
    second = await registry.post(registry.secretariat, "/organisations", body)
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["errors"][0]["field"] == "uscc"
    gone = {"state": "withdrawn", "reason": REASON}
    await registry.post(registry.secretariat, f"/organisations/{first.json()['id']}/state", gone)
    assert (await registry.post(registry.secretariat, "/organisations", body)).status_code == 201


async def test_a_public_record_says_where_it_comes_from(registry: Registry) -> None:
    answer = await registry.post(registry.secretariat, "/organisations", {**HOSPITAL, "record": "public_record"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "provenance_required")


async def test_an_unusual_code_is_a_warning_for_those_concerned_only(registry: Registry) -> None:
    made = await registry.organisation(uscc="91420000737944946L")
    assert made["warnings"][0]["field"] == "uscc"
    other = await registry.person((await registry.organisation())["id"])
    assert (await registry.get(other, f"/organisations/{made['id']}")).json()["warnings"] == []


async def test_a_representative_and_an_editor_describe_their_organisation(registry: Registry) -> None:
    made = await registry.organisation()
    etag = '"1"'
    for office in (Office.representative, Office.editor):
        who = await registry.person(made["id"], office)
        answer = await registry.put(who, f"/organisations/{made['id']}/profile", PROFILE, etag)
        assert answer.status_code == 200, answer.text
        etag = answer.headers["etag"]
    assert {name: answer.json()[name] for name in PROFILE} == PROFILE
    told = await events_of(registry.database, made["id"])
    assert [(version, name) for version, name, _ in told] == [
        (1, "organisation.admitted"), (2, "organisation.profile_changed"), (3, "organisation.profile_changed")
    ]  # fmt: skip


@pytest.mark.parametrize(("office", "status"), [(Office.clinician, 403), (Office.reader, 403)])
async def test_others_do_not_describe_it(registry: Registry, office: Office, status: int) -> None:
    made = await registry.organisation()
    who = await registry.person(made["id"], office)
    assert (await registry.put(who, f"/organisations/{made['id']}/profile", PROFILE, '"1"')).status_code == status


async def test_another_organisations_profile_is_not_there_to_be_changed(registry: Registry) -> None:
    mine, other = await registry.organisation(), await registry.organisation()
    who = await registry.person(mine["id"])
    refused = await registry.put(who, f"/organisations/{other['id']}/profile", PROFILE, '"1"')
    nowhere = await registry.put(who, f"/organisations/{new_id()}/profile", PROFILE, '"1"')
    assert (refused.status_code, nowhere.status_code) == (404, 404)


async def test_a_change_needs_the_version_it_changes(registry: Registry) -> None:
    made = await registry.organisation()
    path = f"/organisations/{made['id']}/profile"
    assert (await registry.put(registry.secretariat, path, PROFILE)).status_code == 428
    assert (await registry.put(registry.secretariat, path, PROFILE, '"9"')).status_code == 412
    assert (await registry.put(registry.secretariat, path, PROFILE, "W/x")).status_code == 412


async def test_of_many_changes_at_once_one_wins(registry: Registry) -> None:
    made = await registry.organisation()
    path = f"/organisations/{made['id']}/profile"
    answers = await asyncio.gather(*(registry.put(registry.secretariat, path, PROFILE, '"1"') for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
    assert [version for version, _, _ in await events_of(registry.database, made["id"])] == [1, 2]


async def test_a_profile_too_large_to_travel_is_refused_and_nothing_changes(registry: Registry) -> None:
    made = await registry.organisation()
    item = {"title": {"zh": "支架"}, "text": {"zh": "长" * 3000}}
    answer = await registry.put(
        registry.secretariat, f"/organisations/{made['id']}/profile", {"items": [item] * 60}, '"1"'
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "profile_too_large")
    assert (await registry.get(registry.secretariat, f"/organisations/{made['id']}")).headers["etag"] == '"1"'


async def test_the_same_post_again_gives_the_same_answer_and_one_organisation(registry: Registry) -> None:
    key, body = str(new_id()), {**HOSPITAL, "name": {"en": unique("Repeated ")}}
    answers = await asyncio.gather(
        *(registry.post(registry.secretariat, "/organisations", body, key=key) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    found = await registry.get(registry.secretariat, "/organisations", q=body["name"]["en"])
    assert len(found.json()["items"]) == 1
    other = await registry.post(registry.secretariat, "/organisations", {**body, "kind": "society"}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_suspension_closes_access_within_a_second_and_a_resumption_opens_it(registry: Registry) -> None:
    made = await registry.organisation()
    person = await registry.appointed(made["id"])
    who = bearer(await registry.sign_in(person["email"]))
    path = f"/organisations/{made['id']}/people"

    async def may(status: int) -> bool:
        return (await registry.get(who, path)).status_code == status

    await until(lambda: may(200))
    suspended = await registry.post(
        registry.secretariat, f"/organisations/{made['id']}/state", {"state": "suspended", "reason": REASON}
    )
    assert (suspended.json()["state"], suspended.json()["reason"]) == ("suspended", REASON)
    await until(lambda: may(403), timeout=2)
    outsider = await registry.person((await registry.organisation())["id"])
    assert (await registry.get(outsider, f"/organisations/{made['id']}")).status_code == 404
    await registry.post(
        registry.secretariat, f"/organisations/{made['id']}/state", {"state": "active", "reason": REASON}
    )
    await until(lambda: may(200), timeout=2)


async def test_a_state_that_cannot_follow_is_refused(registry: Registry) -> None:
    made = await registry.organisation()
    answer = await registry.post(
        registry.secretariat, f"/organisations/{made['id']}/state", {"state": "applied", "reason": REASON}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "transition_not_allowed")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/organisations", HOSPITAL),
        ("POST", "/organisations/{id}/state", {"state": "suspended", "reason": REASON}),
        ("POST", "/applications/{id}/approve", {}),
        ("POST", "/applications/{id}/return", {"reason": REASON}),
        ("GET", "/applications", None),
        ("POST", "/accounts", {"name": {"en": "X"}, "email": "x@demo.example"}),
        ("POST", "/accounts/{id}/close", {}),
        ("POST", "/signing-keys", {}),
    ],
)
async def test_only_the_secretariat_decides(registry: Registry, method: str, path: str, body: Any) -> None:
    made = await registry.organisation()
    path = path.format(id=made["id"])
    representative = await registry.person(made["id"])
    for who, status in ((representative, 403), ({}, 401)):
        answer = await (registry.get(who, path) if method == "GET" else registry.post(who, path, body))
        assert answer.status_code == status, answer.text


async def test_the_directory_is_for_those_signed_in(registry: Registry) -> None:
    made = await registry.organisation()
    for path in ("/organisations", f"/organisations/{made['id']}", "/me"):
        assert (await registry.get({}, path)).status_code == 401
        assert (await registry.get({"authorization": "Bearer x.y.z"}, path)).status_code == 401
