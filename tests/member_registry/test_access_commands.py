"""Sessions and keys, each asked for in a transaction that is rolled back: the change and the fact it publishes."""

import hashlib
from datetime import timedelta

import pytest

from common.auth.seal import Seal
from common.database import Transaction
from common.errors import NotFound
from common.ids import new_id
from common.testing import events_in, published_by
from common.text import Bilingual
from common.vocabulary import MemberState
from member_registry.commands import accounts, api_keys, organisations, sessions, signing_keys
from member_registry.store import signing_keys as key_store
from tests.member_registry.conftest import registration, somebody

SEAL = Seal("a secret of the tests", of="member_registry")
REASON = Bilingual(zh="理由", en="a reason")


async def test_a_refresh_token_is_good_once_and_its_replay_ends_the_session(tx: Transaction) -> None:
    account, _ = await accounts.open_account(tx, somebody())
    opened = await sessions.open_session(tx, account.id)
    second = await sessions.refresh_session(tx, opened.session_id, 1)
    assert second == sessions.Opened(opened.session_id, account.id, 2)
    assert published_by(tx) == [("account.changed", 1)]
    assert await sessions.refresh_session(tx, opened.session_id, 1) is None
    assert published_by(tx)[1:] == [("session.ended", 1)]
    assert await sessions.refresh_session(tx, opened.session_id, 2) is None
    assert published_by(tx)[1:] == [("session.ended", 1)]


async def test_a_refresh_token_of_the_future_ends_nothing(tx: Transaction) -> None:
    account, _ = await accounts.open_account(tx, somebody())
    opened = await sessions.open_session(tx, account.id)
    assert await sessions.refresh_session(tx, opened.session_id, 2) is None
    assert await sessions.refresh_session(tx, opened.session_id, 1) is not None


async def test_a_session_ends_by_itself_when_it_is_not_used_or_too_old(tx: Transaction) -> None:
    account, _ = await accounts.open_account(tx, somebody())
    began = tx.now
    opened = await sessions.open_session(tx, account.id)
    tx.now = began + sessions.LONGEST_PAUSE + timedelta(seconds=1)
    assert await sessions.refresh_session(tx, opened.session_id, 1) is None
    for generation in range(1, 6):
        tx.now = began + generation * (sessions.LONGEST_PAUSE - timedelta(hours=1))
        refreshed = await sessions.refresh_session(tx, opened.session_id, generation)
        assert (refreshed is not None) is (tx.now < began + sessions.LONGEST_SESSION), generation


@pytest.mark.parametrize("fate", ["closed", "new password"])
async def test_no_session_outlives_a_closed_account_or_a_new_password(tx: Transaction, fate: str) -> None:
    account, _ = await accounts.open_account(tx, somebody())
    opened = await sessions.open_session(tx, account.id)
    tx.now += timedelta(seconds=1)
    if fate == "closed":
        await accounts.close_account(tx, account.id)
    else:
        await accounts.change_password(tx, account.id, "a new hash")
    assert await sessions.refresh_session(tx, opened.session_id, 1) is None


async def test_signing_out_twice_is_told_once(tx: Transaction) -> None:
    account, _ = await accounts.open_account(tx, somebody())
    opened = await sessions.open_session(tx, account.id)
    await sessions.end_session(tx, opened.session_id)
    await sessions.end_session(tx, opened.session_id)
    assert published_by(tx)[1:] == [("session.ended", 1)]


async def test_only_the_hash_of_a_key_is_kept(tx: Transaction) -> None:
    made = await organisations.register_organisation(tx, registration())
    key, plain = await api_keys.make_api_key(tx, made.id, "reader", created_by=new_id())
    assert plain.startswith("ah_")
    assert len(plain) == 3 + 43
    row = await tx.fetch_row("SELECT k::text AS everything, key_hash FROM api_key k WHERE api_key_id = $1", key.id)
    assert row is not None
    assert row["key_hash"] == hashlib.sha256(plain.encode()).digest()
    assert plain not in row["everything"]
    assert await api_keys.recognised(tx, key.id, plain)
    assert not await api_keys.recognised(tx, key.id, plain[:-1])
    assert not await api_keys.recognised(tx, new_id(), plain)


@pytest.mark.parametrize("fate", ["revoked", "organisation suspended"])
async def test_a_key_is_worth_nothing_once_it_or_its_organisation_is_shut_out(tx: Transaction, fate: str) -> None:
    made = await organisations.register_organisation(tx, registration())
    key, plain = await api_keys.make_api_key(tx, made.id, "reader", created_by=new_id())
    if fate == "revoked":
        await api_keys.revoke_api_key(tx, made.id, key.id)
        assert published_by(tx)[-1] == ("api_key.changed", 2)
        with pytest.raises(NotFound):
            await api_keys.revoke_api_key(tx, made.id, key.id)
    else:
        await organisations.change_membership(tx, made.id, MemberState.suspended, REASON)
    assert not await api_keys.recognised(tx, key.id, plain)


async def test_a_good_signing_key_is_kept_and_an_old_one_followed_in_time(tx: Transaction) -> None:
    await tx.execute("DELETE FROM own_signing_key")
    await signing_keys.ensure_signing_key(tx, SEAL)
    await signing_keys.ensure_signing_key(tx, SEAL)
    assert published_by(tx) == [("signing_key.published", 1)]
    tx.now += signing_keys.SIGNS_FOR + timedelta(minutes=1)
    await signing_keys.ensure_signing_key(tx, SEAL)
    newest, former = await key_store.signing_keys(tx, tx.now)
    assert newest.valid_from == tx.now < former.valid_until
    assert published_by(tx) == [("signing_key.published", 1)] * 2


async def test_a_signing_key_is_sealed_and_never_told(tx: Transaction) -> None:
    key = await signing_keys.rotate_signing_key(tx, SEAL, withdraw=False)
    private = SEAL.open(key.sealed, purpose=signing_keys.purpose(key))
    assert '"d":' in private
    secret = private.split('"d":"')[1].split('"')[0]
    assert secret not in key.sealed + events_in(tx)[0].payload + str(key.public_jwk)
    assert "d" not in key.public_jwk


async def test_a_withdrawn_signing_key_counts_for_nothing_it_ever_signed(tx: Transaction) -> None:
    await tx.execute("DELETE FROM own_signing_key")
    former = await signing_keys.rotate_signing_key(tx, SEAL, withdraw=False)
    present = await signing_keys.rotate_signing_key(tx, SEAL, withdraw=True)
    assert [key.id for key in await key_store.signing_keys(tx, tx.now)] == [present.id]
    withdrawn = events_in(tx)[1]
    assert (withdrawn.aggregate_id, withdrawn.version) == (former.id, 2)
    assert former.valid_from.isoformat()[:10] not in withdrawn.payload.split("valid_until")[1]


async def test_a_key_sealed_under_a_lost_secret_is_followed_by_another(tx: Transaction) -> None:
    await tx.execute("DELETE FROM own_signing_key")
    await signing_keys.ensure_signing_key(tx, Seal("the secret that was lost", of="member_registry"))
    await signing_keys.ensure_signing_key(tx, SEAL)
    assert len(await key_store.signing_keys(tx, tx.now)) == 2
