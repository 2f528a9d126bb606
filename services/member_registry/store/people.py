"""Accounts, dated affiliations and invitations."""

from datetime import datetime
from uuid import UUID

from common.database import Reader, Transaction
from member_registry.model.people import Account, Affiliation, Person, Standing
from member_registry.store.rows import account_of, affiliation_of, person_of, standing_of

_ACCOUNT = """account_id, version, email, name_zh, name_en, language, orcid, password_hash, open, secretariat,
tokens_valid_from"""
_AFFILIATION = "affiliation_id, f.version, f.account_id, organisation_id, office, valid_from, valid_until"
_VALID = "f.valid_from <= $2 AND (f.valid_until IS NULL OR f.valid_until > $2)"


async def account(reader: Reader, account_id: UUID) -> Account | None:
    row = await reader.fetch_row(f"SELECT {_ACCOUNT} FROM account WHERE account_id = $1", account_id)
    return account_of(row) if row else None


async def account_by_email(reader: Reader, email: str) -> Account | None:
    row = await reader.fetch_row(f"SELECT {_ACCOUNT} FROM account WHERE email = $1", email)
    return account_of(row) if row else None


async def locked_account(tx: Transaction, account_id: UUID) -> Account | None:
    row = await tx.fetch_row(f"SELECT {_ACCOUNT} FROM account WHERE account_id = $1 FOR NO KEY UPDATE", account_id)
    return account_of(row) if row else None


async def insert_account(tx: Transaction, new: Account) -> bool:
    """False when the e-mail address has an account already."""
    values = (new.id, new.version, new.email, new.name.zh, new.name.en, new.language, new.orcid, new.password_hash)
    rest = (new.open, new.secretariat, new.tokens_valid_from)
    return bool(
        await tx.fetch(
            f"""INSERT INTO account ({_ACCOUNT}, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
            ON CONFLICT (email) DO NOTHING RETURNING account_id""",
            *values,
            *rest,
        )
    )


def update_account(tx: Transaction, changed: Account) -> None:
    """With the transaction's end; StaleVersion if somebody else changed it in between."""
    tx.save(
        """UPDATE account SET version = $2, password_hash = $3, open = $4, secretariat = $5, tokens_valid_from = $6
           WHERE account_id = $1 AND version = $2 - 1 RETURNING account_id""",
        changed.id,
        changed.version,
        changed.password_hash,
        changed.open,
        changed.secretariat,
        changed.tokens_valid_from,
    )


async def standings(reader: Reader, account_id: UUID, now: datetime) -> list[Standing]:
    """The organisations an account holds a valid office for."""
    rows = await reader.fetch(
        f"""SELECT o.organisation_id, o.name_zh, o.name_en, o.kind, o.state, f.office
            FROM affiliation f JOIN organisation o USING (organisation_id)
            WHERE f.account_id = $1 AND {_VALID} AND o.admitted_at IS NOT NULL
            ORDER BY f.valid_from, f.affiliation_id""",
        account_id,
        now,
    )
    return [standing_of(row) for row in rows]


async def people(
    reader: Reader, organisation_id: UUID, now: datetime, *, former: bool, after: UUID | None, limit: int
) -> list[Person]:
    """Who holds an office for an organisation; `former` adds those whose office has ended."""
    rows = await reader.fetch(
        f"""SELECT {_AFFILIATION}, a.email, a.name_zh, a.name_en, a.language, a.orcid,
                   a.password_hash IS NULL AS invited
            FROM affiliation f JOIN account a USING (account_id)
            WHERE organisation_id = $1 AND ($3 OR {_VALID}) AND ($4::uuid IS NULL OR affiliation_id > $4)
            ORDER BY affiliation_id LIMIT $5""",
        organisation_id,
        now,
        former,
        after,
        limit,
    )
    return [person_of(row) for row in rows]


async def locked_affiliation(tx: Transaction, organisation_id: UUID, affiliation_id: UUID) -> Affiliation | None:
    row = await tx.fetch_row(
        f"SELECT {_AFFILIATION} FROM affiliation f WHERE affiliation_id = $1 AND organisation_id = $2 FOR UPDATE",
        affiliation_id,
        organisation_id,
    )
    return affiliation_of(row) if row else None


async def affiliated_elsewhere(tx: Transaction, known: Affiliation) -> bool:
    """Whether the person holds or held an office for another organisation, or works for the alliance itself."""
    return bool(
        await tx.fetch_value(
            """SELECT EXISTS (SELECT FROM affiliation WHERE account_id = $1 AND organisation_id <> $2)
                   OR EXISTS (SELECT FROM account WHERE account_id = $1 AND secretariat)""",
            known.account_id,
            known.organisation_id,
        )
    )


def insert_affiliation(tx: Transaction, new: Affiliation) -> None:
    """With the transaction's end."""
    tx.insert(
        "affiliation (affiliation_id, version, account_id, organisation_id, office, valid_from)",
        "$1, $2, $3, $4, $5, $6",
        new.id,
        new.version,
        new.account_id,
        new.organisation_id,
        new.office,
        new.valid_from,
    )


def end_affiliation(tx: Transaction, ended: Affiliation) -> None:
    """With the transaction's end."""
    tx.save(
        """UPDATE affiliation SET version = $2, valid_until = $3
           WHERE affiliation_id = $1 AND version = $2 - 1 RETURNING affiliation_id""",
        ended.id,
        ended.version,
        ended.valid_until,
    )


async def other_representatives(tx: Transaction, leaving: Affiliation, now: datetime) -> int:
    """How many representatives an organisation has beside this one; their number stays until the transaction ends."""
    await tx.execute("SELECT FROM organisation WHERE organisation_id = $1 FOR UPDATE", leaving.organisation_id)
    found = await tx.fetch_value(
        f"""SELECT count(*) FROM affiliation f
            WHERE organisation_id = $1 AND {_VALID} AND office = 'representative' AND affiliation_id <> $3""",
        leaving.organisation_id,
        now,
        leaving.id,
    )
    return int(found)


async def any_secretariat(reader: Reader) -> bool:
    """Whether an account with the secretariat's rights was ever made."""
    return bool(await reader.fetch_value("SELECT EXISTS (SELECT FROM account WHERE secretariat)"))


async def keep_stronger_hash(reader: Reader, account: Account, stronger: str) -> None:
    """The same password under today's parameters; no fact for anybody else, so no new version."""
    await reader.execute(
        "UPDATE account SET password_hash = $3 WHERE account_id = $1 AND password_hash = $2",
        account.id,
        account.password_hash,
        stronger,
    )
