"""The copy of the organisations: written from the member registry's events, read wherever a name or a state counts."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from common.database import Reader, Transaction
from common.events.member_registry import OrganisationFacts
from common.text import Bilingual
from common.vocabulary import MemberKind, MemberState, RecordKind
from project_matching.model.need import Organisation


@dataclass(frozen=True)
class KnownProfile:
    """An organisation's facts and the version they are of."""

    organisation_id: UUID
    version: int
    facts: OrganisationFacts


async def keep_profiles(tx: Transaction, profiles: Sequence[KnownProfile]) -> None:
    """Insert or replace, never by an older version; each organisation at most once."""
    facts = [profile.facts for profile in profiles]
    await tx.execute(
        """
        INSERT INTO profile AS p (organisation_id, version, name_zh, name_en, kind, record, state, facts)
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                             $8::jsonb[])
        ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version, name_zh = excluded.name_zh,
            name_en = excluded.name_en, kind = excluded.kind, record = excluded.record, state = excluded.state,
            facts = excluded.facts
        WHERE p.version < excluded.version
        """,
        [profile.organisation_id for profile in profiles],
        [profile.version for profile in profiles],
        [f.name.zh for f in facts],
        [f.name.en for f in facts],
        [f.kind for f in facts],
        [f.record for f in facts],
        [f.state for f in facts],
        [f.model_dump(mode="json") for f in facts],
    )


async def change_standings(tx: Transaction, changes: Sequence[tuple[UUID, int, MemberKind, MemberState]]) -> None:
    """Kind and state of known organisations, each at most once, never from an older version."""
    await tx.execute(
        """
        UPDATE profile p SET version = c.version, kind = c.kind, state = c.state,
               facts = p.facts || jsonb_build_object('kind', c.kind, 'state', c.state)
        FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS c (organisation_id, version, kind, state)
        WHERE p.organisation_id = c.organisation_id AND p.version < c.version
        """,
        *(list(column) for column in zip(*changes, strict=True)),
    )


async def organisation(reader: Reader, organisation_id: UUID) -> Organisation | None:
    """An organisation as far as posting and showing needs it."""
    row = await reader.fetch_row(
        "SELECT organisation_id, name_zh, name_en, kind, record, state FROM profile WHERE organisation_id = $1",
        organisation_id,
    )
    if row is None:
        return None
    return Organisation(
        row["organisation_id"],
        Bilingual(zh=row["name_zh"], en=row["name_en"]),
        MemberKind(row["kind"]),
        RecordKind(row["record"]),
        MemberState(row["state"]),
    )


async def profiles_in_pages(reader: Reader) -> AsyncIterator[list[KnownProfile]]:
    """Every organisation, for the engine's index: not all at once, they take more room than what is made of them."""
    after = UUID(int=0)
    while rows := await reader.fetch(
        "SELECT organisation_id, version, facts FROM profile WHERE organisation_id > $1 ORDER BY 1 LIMIT 1000", after
    ):
        yield _known(rows)
        after = rows[-1]["organisation_id"]


async def profiles_with_ids(reader: Reader, organisation_ids: Collection[UUID]) -> list[KnownProfile]:
    sql = "SELECT organisation_id, version, facts FROM profile WHERE organisation_id = ANY($1)"
    return _known(await reader.fetch(sql, list(organisation_ids)))


def _known(rows: Sequence[Record]) -> list[KnownProfile]:
    return [
        KnownProfile(row["organisation_id"], row["version"], OrganisationFacts.model_validate(row["facts"]))
        for row in rows
    ]
