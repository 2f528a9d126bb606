"""This service's own copy of who may act for whom, and the caller it makes of a token, a fraction of a second old."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from common.auth.caller import Acting, Caller, role_of
from common.auth.standing import may_act
from common.auth.tokens import Claims, TokenVerifier, UnknownKey, refused
from common.database import Database, Transaction
from common.errors import NotSignedIn
from common.events import member_registry as facts
from common.reactions import Copy, On, on_many
from common.recent import Recent
from common.vocabulary import MemberKind, MemberState, Office, Role

FRESH = 0.5
"""Seconds a caller's rights are remembered in this process: a lost membership closes access within a second."""

_KEYS_FRESH = 5.0
"""Seconds after which withdrawn keys are noticed without a token that needs a new one."""

_ACCOUNT = """
SELECT a.open, a.secretariat, a.tokens_valid_from,
       EXISTS (SELECT FROM access_ended_session WHERE session_id = $2) AS ended,
       coalesce((SELECT jsonb_agg(jsonb_build_array(o.organisation_id, o.kind, o.state, f.office))
                 FROM access_affiliation f JOIN access_organisation o USING (organisation_id)
                 WHERE f.account_id = $1 AND f.valid_from <= now()
                   AND (f.valid_until IS NULL OR f.valid_until > now())), '[]') AS offices
FROM access_account a WHERE a.account_id = $1
"""
_MACHINE = """
SELECT k.revoked, o.organisation_id, o.kind, o.state
FROM access_api_key k JOIN access_organisation o USING (organisation_id) WHERE k.api_key_id = $1
"""


class Access:
    """Turns a bearer token into a Caller, with this service's database and nobody else's help."""

    def __init__(self, database: Database, issuer: str) -> None:
        self._database = database
        self._verifier = TokenVerifier(issuer)
        self._recent: Recent[tuple[UUID, UUID], Caller] = Recent(FRESH)
        self._keys_due = 0.0

    async def load_keys(self) -> None:
        """Read the public keys that have arrived: at start, when a token names an unknown one, every few seconds."""
        self._keys_due = time.monotonic() + _KEYS_FRESH
        rows = await self._database.fetch("SELECT jwk, valid_from, valid_until FROM signing_key ORDER BY 2, 3")
        self._verifier.use_keys([(row["jwk"], row["valid_from"], row["valid_until"]) for row in rows])

    async def caller(self, token: str, acting_id: UUID | None = None) -> Caller:
        """Raises NotSignedIn for a token that is wrong, expired, revoked, or of an account that is closed.

        A key or an account made a moment ago may still be on its way: it is waited for, one second at most.
        """
        claims = await self._claims(token)
        found = await self._recent.get((claims.subject, claims.session_id), lambda: self._read(claims))
        assert found is not None
        return replace(found, acting_id=acting_id) if acting_id else found

    async def still_good(self, held: Sequence[tuple[str, UUID]]) -> list[bool]:
        """For each token with an organisation: whether its caller may act for it now, read in one statement.

        For streams, which stay open while rights change.
        """
        standing: list[bool] = [False] * len(held)
        known: list[tuple[int, Claims, UUID]] = []
        for place, (token, organisation_id) in enumerate(held):
            with suppress(NotSignedIn, UnknownKey):
                known.append((place, self._verifier.verify(token), organisation_id))
        answers = await may_act(self._database, [(claims, organisation_id) for _, claims, organisation_id in known])
        for (place, _, _), answer in zip(known, answers, strict=True):
            standing[place] = answer
        return standing

    async def _claims(self, token: str) -> Claims:
        if time.monotonic() >= self._keys_due:
            await self.load_keys()
        for _ in range(10):
            try:
                return self._verifier.verify(token)
            except UnknownKey:
                await asyncio.sleep(0.1)
                await self.load_keys()
        raise refused()

    async def _read(self, claims: Claims) -> Caller:
        for attempt in range(10):
            caller = await (self._machine(claims) if claims.machine else self._account(claims))
            if caller is not None:
                return caller
            await asyncio.sleep(0.02 * (attempt + 1))
        raise refused()

    async def _account(self, claims: Claims) -> Caller | None:
        row = await self._database.fetch_row(_ACCOUNT, claims.subject, claims.session_id)
        if row is None:
            return None
        if not row["open"] or row["ended"] or claims.issued_at < row["tokens_valid_from"]:
            raise refused("token_revoked")
        organisations = tuple(
            Acting(UUID(organisation_id), MemberKind(kind), role_of(Office(office), MemberKind(kind)))
            for organisation_id, kind, state, office in row["offices"]
            if MemberState(state).may_act
        )
        return Caller(claims.subject, row["secretariat"], organisations, session_id=claims.session_id)

    async def _machine(self, claims: Claims) -> Caller | None:
        row = await self._database.fetch_row(_MACHINE, claims.subject)
        if row is None:
            return None
        if row["revoked"] or not MemberState(row["state"]).may_act:
            raise refused("token_revoked")
        return Caller(
            claims.subject, organisations=(Acting(row["organisation_id"], MemberKind(row["kind"]), Role.service),)
        )


async def copy_accounts(tx: Transaction, events: Sequence[facts.AccountChanged]) -> None:
    """Accounts and since when their tokens count."""
    latest = {e.account_id: e for e in events}.values()
    await tx.execute(
        """
        INSERT INTO access_account (account_id, open, secretariat, tokens_valid_from)
        SELECT * FROM unnest($1::uuid[], $2::bool[], $3::bool[], $4::timestamptz[])
        ON CONFLICT (account_id) DO UPDATE SET open = excluded.open, secretariat = excluded.secretariat,
            tokens_valid_from = excluded.tokens_valid_from
        """,
        [e.account_id for e in latest],
        [e.open for e in latest],
        [e.secretariat for e in latest],
        [e.tokens_valid_from for e in latest],
    )


async def _copy_standing(tx: Transaction, rows: dict[UUID, tuple[str, str]]) -> None:
    await tx.execute(
        """
        INSERT INTO access_organisation (organisation_id, kind, state)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
        ON CONFLICT (organisation_id) DO UPDATE SET kind = excluded.kind, state = excluded.state
        """,
        list(rows),
        [kind for kind, _ in rows.values()],
        [state for _, state in rows.values()],
    )


async def copy_admissions(tx: Transaction, events: Sequence[facts.MemberAdmitted]) -> None:
    """Organisations that people may act for from now on."""
    await _copy_standing(tx, {e.organisation_id: (e.organisation.kind, e.organisation.state) for e in events})


async def copy_memberships(tx: Transaction, events: Sequence[facts.MembershipChanged]) -> None:
    """A suspension closes access here with this row."""
    await _copy_standing(tx, {e.organisation_id: (e.kind, e.state) for e in events})


async def copy_affiliations(tx: Transaction, events: Sequence[facts.AffiliationChanged]) -> None:
    """Who holds which office, from when until when."""
    latest = {e.affiliation_id: e for e in events}.values()
    await tx.execute(
        """
        INSERT INTO access_affiliation (affiliation_id, account_id, organisation_id, office, valid_from, valid_until)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[])
        ON CONFLICT (affiliation_id) DO UPDATE SET office = excluded.office, valid_from = excluded.valid_from,
            valid_until = excluded.valid_until
        """,
        [e.affiliation_id for e in latest],
        [e.account_id for e in latest],
        [e.organisation_id for e in latest],
        [e.office for e in latest],
        [e.valid_from for e in latest],
        [e.valid_until for e in latest],
    )


async def copy_api_keys(tx: Transaction, events: Sequence[facts.ApiKeyChanged]) -> None:
    """Which keys of machines are good."""
    latest = {e.api_key_id: e for e in events}.values()
    await tx.execute(
        """
        INSERT INTO access_api_key (api_key_id, organisation_id, revoked)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bool[])
        ON CONFLICT (api_key_id) DO UPDATE SET revoked = excluded.revoked
        """,
        [e.api_key_id for e in latest],
        [e.organisation_id for e in latest],
        [e.revoked for e in latest],
    )


async def copy_ended_sessions(tx: Transaction, events: Sequence[facts.SessionEnded]) -> None:
    """Sessions whose tokens are refused; forgotten once those tokens have expired by themselves."""
    await tx.execute("DELETE FROM access_ended_session WHERE tokens_expire_at < now()")
    await tx.execute(
        "INSERT INTO access_ended_session SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) ON CONFLICT DO NOTHING",
        [e.session_id for e in events],
        [e.tokens_expire_at for e in events],
    )


async def copy_signing_keys(tx: Transaction, events: Sequence[facts.SigningKeyPublished]) -> None:
    """Public keys; a service verifies tokens with nobody else up."""
    latest = {e.signing_key_id: e for e in events}.values()
    await tx.execute(
        """
        INSERT INTO signing_key (signing_key_id, jwk, valid_from, valid_until)
        SELECT * FROM unnest($1::uuid[], $2::jsonb[], $3::timestamptz[], $4::timestamptz[])
        ON CONFLICT (signing_key_id) DO UPDATE SET valid_until = excluded.valid_until
        """,
        [e.signing_key_id for e in latest],
        [e.jwk for e in latest],
        [e.valid_from for e in latest],
        [e.valid_until for e in latest],
    )


def access_reactions() -> list[On]:
    """The part of the wiring table that every service shares."""
    organisations = Copy("access_organisation")
    sessions = Copy("access_ended_session", compared="tokens_expire_at > now()")
    return [
        on_many(facts.AccountChanged, copy_accounts, Copy("access_account")),
        on_many(facts.MemberAdmitted, copy_admissions, organisations),
        on_many(facts.MembershipChanged, copy_memberships, organisations),
        on_many(facts.AffiliationChanged, copy_affiliations, Copy("access_affiliation")),
        on_many(facts.ApiKeyChanged, copy_api_keys, Copy("access_api_key")),
        on_many(facts.SessionEnded, copy_ended_sessions, sessions),
        on_many(facts.SigningKeyPublished, copy_signing_keys, Copy("signing_key")),
    ]
