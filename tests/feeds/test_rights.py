"""A stream's rights are the caller's rights: the one statement for many agrees with the rule for one, case by case."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from common.auth import Access
from common.database import Database
from common.errors import NotSignedIn
from common.ids import new_id
from common.testing import ISSUER, People
from common.vocabulary import MemberKind, MemberState

NOW = datetime.now(UTC)
EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)

CHANGES = {
    "nothing": "SELECT 1 WHERE $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL",
    "office ended": "UPDATE access_affiliation SET valid_until = now() WHERE account_id = $1 AND organisation_id = $2",
    "office ends later": "UPDATE access_affiliation SET valid_until = now() + interval '1 hour' "
    "WHERE account_id = $1 AND organisation_id = $2",
    "office not begun": "UPDATE access_affiliation SET valid_from = now() + interval '1 hour' "
    "WHERE account_id = $1 AND organisation_id = $2",
    "office taken away": "DELETE FROM access_affiliation WHERE account_id = $1 AND organisation_id = $2",
    "account closed": "UPDATE access_account SET open = false WHERE account_id = $1 AND $2::uuid IS NOT NULL",
    "tokens revoked": "UPDATE access_account SET tokens_valid_from = now() + interval '1 second' "
    "WHERE account_id = $1 AND $2::uuid IS NOT NULL",
    **{
        f"organisation {state}": f"UPDATE access_organisation SET state = '{state}' "
        "WHERE organisation_id = $2 AND $1::uuid IS NOT NULL"
        for state in MemberState
    },
}


async def answers(database: Database, token: str, organisation_id: UUID) -> tuple[bool, bool]:
    """What the rule for one and the statement for many say; a fresh copy of rights remembers nothing."""
    access = Access(database, ISSUER)
    await access.load_keys()
    try:
        alone = (await access.caller(token)).may_act_for(organisation_id)
    except NotSignedIn:
        alone = False
    other = ("not.a.token", organisation_id)
    first, unreadable, foreign = await access.still_good([(token, organisation_id), other, (token, new_id())])
    assert unreadable is foreign is False
    return alone, first


@pytest.mark.parametrize("change", CHANGES)
async def test_people(database: Database, people: People, change: str) -> None:
    organisation_id = await people.organisation(MemberKind.enterprise)
    token = (await people.account(organisation_id))["authorization"].removeprefix("Bearer ")
    assert await answers(database, token, organisation_id) == (True, True)
    account_id = await database.fetch_value(
        "SELECT account_id FROM access_affiliation WHERE organisation_id = $1", organisation_id
    )
    await database.execute(CHANGES[change], account_id, organisation_id)
    alone, among_many = await answers(database, token, organisation_id)
    assert alone is among_many
    harmless = {"nothing", "office ends later", "organisation active", "organisation grace"}
    assert alone is (change in harmless)


@pytest.mark.parametrize("loss", ["revoked", "suspended"])
async def test_machines(database: Database, people: People, loss: str) -> None:
    organisation_id, key_id = await people.organisation(MemberKind.enterprise), new_id()
    await database.execute("INSERT INTO access_api_key VALUES ($1, $2, false)", key_id, organisation_id)
    token = await people.token(key_id, machine=True)
    assert await answers(database, token, organisation_id) == (True, True)
    if loss == "revoked":
        await database.execute("UPDATE access_api_key SET revoked = true WHERE api_key_id = $1", key_id)
    else:
        await database.execute(
            "UPDATE access_organisation SET state = 'suspended' WHERE organisation_id = $1", organisation_id
        )
    assert await answers(database, token, organisation_id) == (False, False)


async def test_an_ended_session_and_an_expired_token_are_worth_nothing(database: Database, people: People) -> None:
    organisation_id = await people.organisation(MemberKind.enterprise)
    token = (await people.account(organisation_id))["authorization"].removeprefix("Bearer ")
    access = Access(database, ISSUER)
    await access.load_keys()
    session_id = (await access._claims(token)).session_id
    await database.execute("INSERT INTO access_ended_session VALUES ($1, $2)", session_id, LATER)
    assert await answers(database, token, organisation_id) == (False, False)
    account_id = await database.fetch_value(
        "SELECT account_id FROM access_affiliation WHERE organisation_id = $1", organisation_id
    )
    old = await people.token(account_id, now=EARLIER)
    assert await answers(database, old, organisation_id) == (False, False)
