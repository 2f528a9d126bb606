"""Building an alliance through its public API: organisations, their people, their needs."""

from typing import Any

from common.testing import until
from tests.journeys.conftest import Alliance, Person

PASSWORD = "four unrelated words for tests"
REGISTRY, MATCHING, FEEDS = "member_registry/v1", "project_matching/v1", "feeds/v1"


async def made(who: Person, path: str, body: dict[str, Any]) -> str:
    answer = await who.post(path, body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def done(who: Person, path: str) -> None:
    answer = await who.post(path)
    assert answer.status_code == 200, answer.text


async def organisation(
    secretariat: Person, kind: str, zh: str | None, en: str, *, record: str = "demo", **more: Any
) -> str:
    """An organisation with a profile."""
    body = {"name": {"zh": zh, "en": en}, "kind": kind, "record": record, "country": "CN", "region": "CN-11"} | more
    return await made(secretariat, f"{REGISTRY}/organisations", body)


async def person(alliance: Alliance, secretariat: Person, organisation_id: str, side: str) -> Person:
    """Its representative, signed in and known to every service."""
    body = {"name": {"zh": "测试代表", "en": "Test Representative"}, "email": f"{side}@people.test"}
    body |= {"password": PASSWORD, "office": "representative"}
    answer = await secretariat.post(f"{REGISTRY}/organisations/{organisation_id}/people", body)
    assert answer.status_code == 201, answer.text
    who = await alliance.sign_in(f"{side}@people.test", PASSWORD)

    async def known() -> bool:
        return (await who.get(f"{MATCHING}/needs", mine="true")).status_code == 200

    await until(known, timeout=20)
    return who


async def need(doctor: Person, body: dict[str, Any]) -> str:
    """A need that waits for the secretariat."""

    async def accepted() -> bool:
        """The hospital's own record may still be on its way to the matching service."""
        answer = await doctor.post(f"{MATCHING}/needs", body)
        found.append(str(answer.json().get("id")))
        return answer.status_code == 201

    found: list[str] = []
    await until(accepted, timeout=20, every=0.2)
    await done(doctor, f"{MATCHING}/needs/{found[-1]}/submit")
    return found[-1]
