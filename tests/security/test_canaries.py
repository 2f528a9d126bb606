"""Nothing secret is told: a main job with errors on the way, and then every place where its secrets might have got."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from common import telemetry
from common.ids import new_id
from common.testing import until
from deploy.local.secrets import Secrets
from deploy.services import all_services
from deploy.setup.database import roles
from deploy.setup.topics import wanted_topics
from portal.session import Store
from tests.conftest import Connect, Servers
from tests.journeys.building import FEEDS, MATCHING, REGISTRY, made, need
from tests.journeys.conftest import Alliance
from tests.portal.test_session import COOKIE, token_on
from tests.security.bodies import NEED
from tests.security.members import Caller
from tests.security.world import World

pytestmark = pytest.mark.timeout(400)


class Secret(dict[str, str]):
    """What must be found nowhere, by what it is."""

    def found_in(self, place: str, text: str) -> list[str]:
        return [f"{name} in {place}" for name, value in self.items() if value in text]


def canary() -> str:
    return f"canary {new_id().hex[::-1]}"


async def test_no_secret_of_the_main_job_is_told_anywhere(
    world: World,
    servers: Servers,
    database_of: Connect,
    producer: Any,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(telemetry, "_recording", False)
    monkeypatch.setattr(telemetry, "_tracer", telemetry._tracer)
    exporter = InMemorySpanExporter()
    provider = telemetry.configure_traces("test", exporter=exporter)
    assert provider is not None
    secret = Secret({f"password of {role}": Secrets(servers.state).password(role) for role in roles()})
    secret["key secret"] = Secrets(servers.state).key_secret()
    secret["first password"] = Secrets(servers.state).first_secretariat().partition(":")[2]
    told = [*await _main_job(world, secret), *await _errors(world, secret)]
    session = await Store(await database_of("portal")).load(secret["session cookie"])
    assert session is not None
    for kind, token in {"access": session.access_token, "refresh": session.refresh_token}.items():
        assert token
        secret[f"{kind} token of the browser"] = token
    await _bury_something(servers, producer)
    provider.force_flush()
    spans = " ".join(span.to_json() for span in exporter.get_finished_spans())
    records = [record async for record in _everything_on_the_topics(servers.broker.bootstrap)]
    metrics = (await world.alliance.client.get("/metrics")).text
    logs = "".join(capfd.readouterr())
    provider.shutdown()

    assert len(secret) > 14
    assert "unexpected_error" in logs, "an error was provoked that is logged with its traceback"
    assert any("dead_reason" in record for record in records), "there is a dead letter"
    places = {"answers": "\n".join(told), "topics": "\n".join(records)}
    places |= {"spans": spans, "metrics": metrics, "logs": logs}
    assert all(places.values())
    places |= {f"table {name}": text async for name, text in _tables(database_of)}
    assert not [found for place, text in places.items() for found in secret.found_in(place, text)]


async def _main_job(world: World, secret: Secret) -> list[str]:
    """Accounts, keys, sign-ins by API and browser, an invitation, a need and its answers: new secrets all along."""
    alliance, hospital = world.alliance, world.houses["hospital"]
    within = f"{REGISTRY}/organisations/{hospital.id}"
    secret["password"], secret["chosen password"] = canary(), canary()
    email = f"{new_id().hex}@people.test"
    body = {"name": {"en": "x"}, "email": email, "password": secret["password"], "office": "representative"}
    await made(world.admin, f"{within}/people", body)
    doctor = await alliance.sign_in(email, secret["password"])
    secret["access token"], secret["refresh token"] = doctor.token, str(doctor.signed_in["refresh_token"])
    once = str(new_id())
    invited = {"name": {"en": "x"}, "email": f"{new_id().hex}@people.test", "office": "editor"}
    answers = [await world.admin.post(f"{within}/people", invited, key=once) for _ in range(2)]
    secret["invitation code"] = answers[0].json()["invitation"]["code"]
    accepting = {"code": secret["invitation code"], "password": secret["chosen password"]}
    entered = await alliance.client.post(f"/api/{REGISTRY}/invitations/accept", json=accepting)
    assert entered.status_code == 201, entered.text
    secret["second access token"] = entered.json()["access_token"]
    key = (await world.admin.post(f"{within}/api-keys", {"name": "x"}, key=once + "k")).json()
    secret["API key"] = key["key"]
    form = {"grant_type": "client_credentials", "client_id": key["id"], "client_secret": key["key"]}
    secret["machine token"] = (await alliance.client.post(f"/api/{REGISTRY}/token", data=form)).json()["access_token"]
    async with _browser(alliance) as browser:
        fields = {"csrf": await token_on(browser, "/sign-in"), "email": email, "password": secret["password"]}
        assert (await browser.post("/sign-in", data=fields)).status_code == 303
        secret["session cookie"] = browser.cookies[COOKIE]
        pages = [(await browser.get(path)).text for path in ("/", "/needs", "/nowhere")]
    posted = await need(doctor, NEED)
    published = await world.admin.post(f"{MATCHING}/needs/{posted}/publish")
    feed = await doctor.get(f"{FEEDS}/items")
    return [*pages, published.text, feed.text]


async def _errors(world: World, secret: Secret) -> list[str]:
    """Every kind of refusal, with secrets where they were sent wrongly, and a failure that nobody expected."""
    client, doctor = world.alliance.client, Caller("x", token=secret["access token"])
    secret["mistyped password"] = canary()
    wrong, sessions = secret["mistyped password"], f"/api/{REGISTRY}/sessions"
    sent = {"email": world.houses["hospital"].boss.email, "password": wrong}
    accepting = {"code": secret["invitation code"] + "x", "password": secret["password"]}
    headers = doctor.headers() | {"idempotency-key": str(new_id())}
    bad = [
        await client.post(sessions, json=sent),
        await client.post(sessions, json={"email": wrong, "password": [wrong]}),
        await client.post(sessions, content=f'{{"password": "{wrong}",', headers={"content-type": "application/json"}),
        await client.post(f"{sessions}/refresh", json={"refresh_token": secret["refresh token"] + "x"}),
        await client.post(f"{sessions}/refresh", json={"refresh_token": secret["refresh token"] * 9}),
        await client.get(f"/api/{REGISTRY}/me", headers={"authorization": f"Bearer {secret['access token']}x"}),
        await client.get(f"/api/{FEEDS}/items", headers={"authorization": f"Basic {secret['API key']}"}),
        await client.post(f"/api/{REGISTRY}/accounts", json={"password": secret["password"]}, headers=headers),
        await client.post(f"/api/{REGISTRY}/token", data={"grant_type": "x", "client_secret": secret["API key"]}),
        await client.post(f"/api/{REGISTRY}/invitations/accept", json=accepting),
        await client.get("/nowhere", headers={"cookie": f"{COOKIE}={secret['session cookie']}"}),
    ]
    with pytest.MonkeyPatch.context() as patch:

        async def broken(self: object, known: str | None, password: str) -> tuple[bool, str | None]:
            raise ZeroDivisionError("broken on purpose")

        patch.setattr("member_registry.hashing.Hashing.check", broken)
        bad.append(await client.post(sessions, json=sent))
    assert {answer.status_code for answer in bad} == {400, 401, 403, 404, 422, 500}
    return [f"{answer.headers} {answer.text}" for answer in bad]


def _browser(alliance: Alliance) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=alliance.url, headers={"sec-fetch-site": "same-origin"}, timeout=30)


async def _bury_something(servers: Servers, producer: Any) -> None:
    """A record that nobody can read ends in the dead letters of its readers."""
    await producer.send_and_wait("member_registry", b"{not json", key=b"x")

    async def buried() -> bool:
        dead = [record async for record in _everything_on_the_topics(servers.broker.bootstrap, ".dead")]
        return any("dead_reason" in record for record in dead)

    await until(buried, timeout=60, every=1)


async def _everything_on_the_topics(bootstrap: str, ending: str = "") -> AsyncIterator[str]:
    """Keys, values and headers of all records of these topics."""
    topics = [topic.name for topic in wanted_topics() if topic.name.endswith(ending)]
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = list(consumer.assignment())
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning()
        while any([await consumer.position(place) < ends[place] for place in places]):
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                for record in batch:
                    yield f"{record.key!r} {record.value!r} {record.headers!r}"
    finally:
        await consumer.stop()


async def _tables(database_of: Connect) -> AsyncIterator[tuple[str, str]]:
    """Every row of every table of every service, as text."""
    for service in (listed.name for listed in all_services()):
        database = await database_of(service)
        names = await database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", service)
        for (name,) in names:
            rows = await database.fetch(f"SELECT t::text AS row FROM {name} t")
            yield f"{service}.{name}", "\n".join(row["row"] for row in rows)
