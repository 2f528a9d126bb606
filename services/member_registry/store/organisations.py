"""Organisations: the rows behind applications, members and public records."""

from uuid import UUID

from common.database import Reader, Transaction
from common.errors import NotFound
from member_registry.model.organisation import Organisation
from member_registry.store.rows import organisation_of

COLUMNS = """organisation_id, version, kind, record, state, reason_zh, reason_en, name_zh, name_en, uscc, ror, country,
region, website, summary_zh, summary_en, summary_zh_revision, summary_en_revision, specialties, capabilities, items,
provenance, created_at, updated_at, admitted_at"""
_WRITTEN = f"{COLUMNS}, words"
_PLACES = f"{', '.join(f'${n}' for n in range(1, 26))}, $26::text::tsvector"
_UPDATE = f"""UPDATE organisation SET ({_WRITTEN}) = ({_PLACES})
WHERE organisation_id = $1 AND version = $2 - 1 RETURNING organisation_id"""


async def organisation(reader: Reader, organisation_id: UUID) -> Organisation:
    """NotFound if there is none of this id."""
    row = await reader.fetch_row(f"SELECT {COLUMNS} FROM organisation WHERE organisation_id = $1", organisation_id)
    if row is None:
        raise NotFound
    return organisation_of(row)


async def locked_organisation(tx: Transaction, organisation_id: UUID) -> Organisation:
    """The same, and nobody else changes it until this transaction has ended."""
    sql = f"SELECT {COLUMNS} FROM organisation WHERE organisation_id = $1 FOR NO KEY UPDATE"
    row = await tx.fetch_row(sql, organisation_id)
    if row is None:
        raise NotFound
    return organisation_of(row)


def insert_organisation(tx: Transaction, new: Organisation) -> None:
    """With the transaction's end."""
    tx.insert(f"organisation ({_WRITTEN})", _PLACES, *_values(new))


def update_organisation(tx: Transaction, changed: Organisation) -> None:
    """With the transaction's end; StaleVersion if somebody else changed it in between."""
    tx.save(_UPDATE, *_values(changed))


async def applications(reader: Reader, state: str | None, after: UUID | None, limit: int) -> list[Organisation]:
    """Those not admitted, oldest first."""
    rows = await reader.fetch(
        f"""SELECT {COLUMNS} FROM organisation WHERE admitted_at IS NULL AND ($1::text IS NULL OR state = $1)
            AND ($2::uuid IS NULL OR organisation_id > $2) ORDER BY organisation_id LIMIT $3""",
        state,
        after,
        limit,
    )
    return [organisation_of(row) for row in rows]


def _values(one: Organisation) -> tuple[object, ...]:
    profile = one.profile
    return (
        one.id,
        one.version,
        one.kind,
        one.record,
        one.state,
        one.reason.zh,
        one.reason.en,
        one.name.zh,
        one.name.en,
        one.uscc,
        one.ror,
        one.country,
        profile.region,
        profile.website,
        profile.summary.zh,
        profile.summary.en,
        one.summary_revisions.zh,
        one.summary_revisions.en,
        list(profile.specialties),
        [capability.model_dump(mode="json") for capability in profile.capabilities],
        [item.model_dump(mode="json") for item in profile.items],
        one.provenance.model_dump(mode="json") if one.provenance else None,
        one.created_at,
        one.updated_at,
        one.admitted_at,
        one.words(),
    )
