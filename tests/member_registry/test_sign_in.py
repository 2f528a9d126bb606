"""Signing in over HTTP: sessions, refresh, sign-out, limits, and that nobody learns who has an account."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from common.clock import utc_now
from common.testing import until
from member_registry.api.attempts import PER_ADDRESS, PER_EMAIL
from member_registry.store.sessions import drain, pour
from tests.conftest import Servers
from tests.member_registry.conftest import PASSWORD, Registry, bearer, unique


@pytest_asyncio.fixture(autouse=True)
async def fresh_buckets(registry: Registry) -> AsyncIterator[None]:
    """Every request of the tests comes from one address."""
    await registry.database.execute("DELETE FROM sign_in_attempt")
    yield


async def test_a_person_signs_in_and_sees_what_they_may_do(registry: Registry) -> None:
    hospital = await registry.organisation()
    person = await registry.appointed(hospital["id"], language="en")
    answer = await registry.sign_in(person["email"].upper())
    assert answer.status_code == 201
    body = answer.json()
    assert body["account"] == {
        "id": person["account_id"],
        "email": person["email"],
        "name": {"zh": None, "en": "Example Person"},
        "language": "en",
    }
    assert body["secretariat"] is False
    assert [(o["id"], o["role"], o["state"]) for o in body["organisations"]] == [
        (hospital["id"], "institution_representative", "active")
    ]
    assert body["expires_in"] == 600
    assert answer.headers["cache-control"] == "no-store"
    me = await registry.get(bearer(answer), "/me")
    assert me.json() == {name: body[name] for name in ("account", "secretariat", "organisations")}


async def test_the_first_secretariat_account_can_sign_in(
    registry: Registry, first_secretariat: tuple[str, str]
) -> None:
    answer = await registry.sign_in(*first_secretariat)
    assert answer.json()["secretariat"] is True
    assert (await registry.get(bearer(answer), "/applications")).status_code == 200


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    wrong = await registry.sign_in(person["email"], "not the password at all")
    unknown = await registry.sign_in(f"{unique()}@nowhere.example")
    assert wrong.status_code == unknown.status_code == 401
    told = [{name: value for name, value in a.json().items() if name != "request_id"} for a in (wrong, unknown)]
    assert told[0] == told[1]
    assert told[0]["code"] == "sign_in_failed"


async def test_a_closed_account_is_answered_like_an_unknown_one(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    closed = await registry.post(registry.secretariat, f"/accounts/{person['account_id']}/close")
    assert closed.json()["open"] is False
    answer = await registry.sign_in(person["email"])
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_failed")


@pytest.mark.parametrize("known", [True, False])
async def test_after_ten_failures_an_address_has_to_wait_whether_it_is_known_or_not(
    registry: Registry, known: bool
) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    email = person["email"] if known else f"{unique()}@nowhere.example"
    answers = await asyncio.gather(*(registry.sign_in(email, "not the password") for _ in range(12)))
    assert sorted(a.status_code for a in answers) == [401] * 10 + [429] * 2
    refused = await registry.sign_in(email)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 30


async def test_success_uses_up_no_attempts(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    for _ in range(11):
        assert (await registry.sign_in(person["email"])).status_code == 201


async def test_whoever_fills_the_bucket_from_elsewhere_locks_out_strangers_but_not_the_owner(
    registry: Registry,
) -> None:
    hospital = await registry.organisation()
    owner, other = await registry.appointed(hospital["id"]), await registry.appointed(hospital["id"], office="editor")
    assert (await registry.sign_in(owner["email"])).status_code == 201
    for email in (owner["email"], other["email"]):
        for _ in range(PER_EMAIL.burst):
            await pour(registry.database, PER_EMAIL.subject(email), drop=PER_EMAIL.drop, full=PER_EMAIL.full)
    assert (await registry.sign_in(owner["email"], "not the password")).status_code == 401
    assert (await registry.sign_in(owner["email"])).status_code == 201
    assert (await registry.sign_in(other["email"])).status_code == 429


async def test_one_network_address_cannot_try_many_accounts(registry: Registry) -> None:
    for _ in range(100):
        await pour(
            registry.database, PER_ADDRESS.subject("127.0.0.1"), drop=timedelta(seconds=3), full=timedelta(seconds=300)
        )
    refused = await registry.sign_in(f"{unique()}@nowhere.example")
    assert refused.status_code == 429


async def test_a_full_bucket_drains_with_time_whatever_the_clock_of_the_process_says(registry: Registry) -> None:
    subject, minute = unique().encode(), timedelta(minutes=1)

    async def poured() -> timedelta | None:
        return await pour(registry.database, subject, drop=minute, full=2 * minute)

    registry.database.clock = lambda: utc_now() + 60 * minute
    try:
        assert [await poured(), await poured()] == [None, None]
    finally:
        registry.database.clock = utc_now
    wait = await poured()
    assert wait is not None
    assert timedelta() < wait <= minute
    await drain(registry.database, subject, 1.5 * minute)  # as if so much time had passed
    assert await poured() is None
    wait = await poured()
    assert wait is not None
    assert timedelta() < wait <= minute / 2


async def test_a_refresh_token_is_exchanged_with_the_access_token(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    first = (await registry.sign_in(person["email"])).json()
    answer = await registry.post(None, "/sessions/refresh", {"refresh_token": first["refresh_token"]})
    assert answer.status_code == 200
    second = answer.json()
    assert second["account"] == first["account"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (await registry.get(bearer(answer), "/me")).status_code == 200


async def test_a_replayed_refresh_token_closes_the_session_for_thief_and_owner(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    first = await registry.sign_in(person["email"])
    old = {"refresh_token": first.json()["refresh_token"]}
    second = await registry.post(None, "/sessions/refresh", old)
    replayed = await registry.post(None, "/sessions/refresh", old)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "token_revoked")
    owner = await registry.post(None, "/sessions/refresh", {"refresh_token": second.json()["refresh_token"]})
    assert owner.status_code == 401
    for answer in (first, second):
        await until(lambda answer=answer: _refused(registry, bearer(answer)))  # type: ignore[misc]


async def test_of_two_refreshes_at_once_one_wins_and_the_session_ends(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    token = {"refresh_token": (await registry.sign_in(person["email"])).json()["refresh_token"]}
    answers = await asyncio.gather(*(registry.post(None, "/sessions/refresh", token) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


@pytest.mark.parametrize("token", ["", "x", "ar_", "ar_" + "A" * 80, "ar_é", "\x00"])
async def test_a_forged_refresh_token_is_refused(registry: Registry, token: str) -> None:
    answer = await registry.post(None, "/sessions/refresh", {"refresh_token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_whoever_signs_out_is_out_within_a_second(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    answer = await registry.sign_in(person["email"])
    other = await registry.sign_in(person["email"])
    assert (await registry.get(bearer(answer), "/me")).status_code == 200
    assert (await registry.delete(bearer(answer), "/sessions/current")).status_code == 204
    await until(lambda: _refused(registry, bearer(answer)), timeout=2)
    refresh = await registry.post(None, "/sessions/refresh", {"refresh_token": answer.json()["refresh_token"]})
    assert refresh.status_code == 401
    assert (await registry.get(bearer(other), "/me")).status_code == 200


async def test_a_new_password_signs_out_everywhere_else(registry: Registry) -> None:
    person = await registry.appointed((await registry.organisation())["id"])
    elsewhere = await registry.sign_in(person["email"])
    here = await registry.sign_in(person["email"])
    assert (await registry.get(bearer(here), "/me")).status_code == 200
    wrong = await registry.post(bearer(here), "/me/password", {"current": "wrong", "new": "five more unrelated words"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "current")
    changed = await registry.post(
        bearer(here), "/me/password", {"current": PASSWORD, "new": "five more unrelated words"}
    )
    assert changed.status_code == 201
    await until(lambda: _refused(registry, bearer(elsewhere)))
    assert (await registry.get(bearer(changed), "/me")).status_code == 200
    assert (await registry.sign_in(person["email"])).status_code == 401
    assert (await registry.sign_in(person["email"], "five more unrelated words")).status_code == 201


async def test_no_answer_with_tokens_is_remembered(registry: Registry) -> None:
    before = await registry.database.fetch_value("SELECT count(*) FROM idempotency_key")
    person = await registry.appointed((await registry.organisation())["id"])
    await registry.sign_in(person["email"])
    kept = await registry.database.fetch("SELECT convert_from(body, 'UTF8') AS body FROM idempotency_key")
    assert len(kept) == before + 2
    assert not any("access_token" in row["body"] for row in kept)


async def _refused(registry: Registry, who: dict[str, str]) -> bool:
    return (await registry.get(who, "/me")).status_code == 401


@pytest.fixture
def first_secretariat(servers: Servers) -> tuple[str, str]:
    """E-mail and password of the first secretariat account."""
    first = servers.settings("member_registry").first_secretariat
    assert first is not None
    email, _, password = first.get_secret_value().partition(":")
    return email, password
