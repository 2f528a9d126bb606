"""Who applied for an organisation; kept no longer than the secretariat needs them."""

from uuid import UUID

from common.database import Reader, Transaction
from common.text import Bilingual
from member_registry.model.people import NewPerson


async def insert_applicant(tx: Transaction, organisation_id: UUID, person: NewPerson) -> None:
    await tx.execute(
        """INSERT INTO applicant (organisation_id, email, name_zh, name_en, language, orcid, password_hash)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        organisation_id,
        person.email,
        person.name.zh,
        person.name.en,
        person.language,
        person.orcid,
        person.password_hash,
    )


async def applicants(reader: Reader, organisation_ids: list[UUID]) -> dict[UUID, NewPerson]:
    """The applicants of these organisations."""
    rows = await reader.fetch("SELECT * FROM applicant WHERE organisation_id = ANY ($1)", organisation_ids)
    return {
        row["organisation_id"]: NewPerson(
            email=row["email"],
            name=Bilingual(zh=row["name_zh"], en=row["name_en"]),
            language=row["language"],
            orcid=row["orcid"],
            password_hash=row["password_hash"],
        )
        for row in rows
    }


async def forget_applicant(tx: Transaction, organisation_id: UUID) -> None:
    await tx.execute("DELETE FROM applicant WHERE organisation_id = $1", organisation_id)
