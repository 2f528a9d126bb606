"""What is there before the first request, however many instances start at once, and keys that follow one another."""

import asyncio
from dataclasses import replace

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from common.auth import Access
from common.database import Database
from common.service import Part, Running
from common.settings import Settings
from common.testing import opened, until
from member_registry.app import service
from member_registry.hashing import Hashing
from member_registry.prepare import prepare
from member_registry.signing import Signer
from tests.conftest import Servers
from tests.member_registry.conftest import PREFIX, Registry, bearer


def running(database: Database, settings: Settings) -> Running:
    """As much of a running service as `prepare` needs."""
    return Running(service, settings, database, Access(database, settings.public_url))


async def test_instances_that_start_at_once_agree_on_one_key_and_one_first_account(
    servers: Servers, database: Database, registry: Registry
) -> None:
    settings = servers.settings("member_registry")
    keys = "SELECT count(*) FROM own_signing_key"
    accounts = "SELECT count(*) FROM account WHERE name_en = 'Secretariat'"
    before = await database.fetch_value(keys)
    assert await database.fetch_value(accounts) == 1
    await asyncio.gather(*(prepare(running(database, settings)) for _ in range(6)))
    assert (await database.fetch_value(keys), await database.fetch_value(accounts)) == (before, 1)
    await database.execute("UPDATE own_signing_key SET valid_until = now() + interval '1 day'")
    await asyncio.gather(*(prepare(running(database, settings)) for _ in range(6)))
    assert await database.fetch_value(keys) == before + 1


async def test_the_first_account_is_made_once_whatever_the_setting_says_later(
    servers: Servers, database: Database, registry: Registry
) -> None:
    settings = servers.settings("member_registry", first_secretariat="other@alliance.example:four unrelated words")
    await prepare(running(database, settings))
    assert not await database.fetch_value("SELECT EXISTS (SELECT FROM account WHERE email LIKE 'other@%')")


async def test_without_its_secret_the_registry_says_what_is_missing(servers: Servers, database: Database) -> None:
    settings = servers.settings("member_registry", key_secret=None)
    with pytest.raises(RuntimeError, match="ALLIANCE_KEY_SECRET"):
        await prepare(running(database, settings))


async def test_a_second_instance_signs_with_the_keys_of_the_first(servers: Servers, registry: Registry) -> None:
    parts: list[tuple[str, Part]] = [("hashing", Hashing()), ("signer", Signer())]
    # It follows no topic: a second member of the group would keep partitions after this test has ended it.
    alone = replace(service, parts=parts, follows_access=False)
    app = alone.app(servers.settings("member_registry", instance=1))
    person = await registry.appointed((await registry.organisation())["id"])
    signed_in = (await registry.sign_in(person["email"])).json()
    async with opened(app) as second:
        first_keys = (await registry.client.get(f"{PREFIX}/jwks.json")).json()
        assert (await second.get(f"{PREFIX}/jwks.json")).json()["keys"][-1] in first_keys["keys"]
        answer = await second.post(f"{PREFIX}/sessions/refresh", json={"refresh_token": signed_in["refresh_token"]})
        assert answer.status_code == 200, answer.text
        assert (await registry.get(bearer(answer), "/me")).status_code == 200


async def test_tokens_are_checked_with_the_published_keys_by_programs_outside(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    token = (await registry.sign_in(person["email"])).json()["access_token"]
    keys = (await registry.client.get(f"{PREFIX}/jwks.json")).json()["keys"]
    assert all("d" not in key for key in keys)
    found = {key["kid"]: OKPKey.import_key(key) for key in keys}
    decoded = jwt.decode(token, lambda unverified: found[unverified.headers()["kid"]], algorithms=["Ed25519"])
    assert decoded.claims["sub"] == person["account_id"]
    assert set(decoded.claims) == {"iss", "aud", "sub", "sid", "machine", "iat", "exp"}


async def test_after_a_rotation_former_tokens_count_and_after_a_withdrawal_they_do_not(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    before = await registry.sign_in(person["email"])
    assert (await registry.get(bearer(before), "/me")).status_code == 200
    rotated = await registry.post(registry.secretariat, "/signing-keys", {"withdraw": False})
    assert rotated.status_code == 201
    assert (await registry.get(bearer(before), "/me")).status_code == 200
    withdrawn = await registry.post(registry.secretariat, "/signing-keys", {"withdraw": True})
    keys = (await registry.client.get(f"{PREFIX}/jwks.json")).json()["keys"]
    assert [key["kid"] for key in keys] == [withdrawn.json()["id"]]
    after = await registry.sign_in(person["email"])
    assert (await registry.get(bearer(after), "/me")).status_code == 200

    async def refused() -> bool:
        return (await registry.get(bearer(before), "/me")).status_code == 401

    await until(refused)


async def test_the_openapi_document_has_an_example_for_each_body(registry: Registry) -> None:
    document = (await registry.client.get("/api/member_registry/openapi.json")).json()
    bodies = {
        content["schema"].get("$ref", "").rpartition("/")[2]
        for operations in document["paths"].values()
        for operation in operations.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
    }
    assert len(bodies) >= 12
    without = [name for name in bodies if "examples" not in document["components"]["schemas"][name]]
    assert without == []
