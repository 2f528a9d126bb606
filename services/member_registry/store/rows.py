"""How rows become the model's objects."""

from typing import TypeAlias

from asyncpg import Record

from common.events.member_registry import Item, Provenance
from common.text import Bilingual, BilingualText
from common.vocabulary import MemberKind, MemberState, Office, RecordKind, Specialty
from member_registry.model.organisation import Organisation, Profile, Revisions
from member_registry.model.people import Account, Affiliation, Person, Standing

Row: TypeAlias = Record


def organisation_of(row: Row) -> Organisation:
    return Organisation(
        id=row["organisation_id"],
        version=row["version"],
        name=_name(row),
        kind=MemberKind(row["kind"]),
        record=RecordKind(row["record"]),
        state=MemberState(row["state"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        admitted_at=row["admitted_at"],
        reason=Bilingual(zh=row["reason_zh"], en=row["reason_en"]),
        uscc=row["uscc"],
        ror=row["ror"],
        country=row["country"],
        profile=_profile(row),
        summary_revisions=Revisions(zh=row["summary_zh_revision"], en=row["summary_en_revision"]),
        provenance=Provenance.model_validate(row["provenance"]) if row["provenance"] else None,
    )


def _profile(row: Row) -> Profile:
    return Profile(
        website=row["website"],
        region=row["region"],
        summary=BilingualText(zh=row["summary_zh"], en=row["summary_en"]),
        specialties=tuple(Specialty(code) for code in row["specialties"]),
        capabilities=tuple(Bilingual.model_validate(found) for found in row["capabilities"]),
        items=tuple(Item.model_validate(found) for found in row["items"]),
    )


def account_of(row: Row) -> Account:
    return Account(
        id=row["account_id"],
        version=row["version"],
        email=row["email"],
        name=_name(row),
        language=row["language"],
        orcid=row["orcid"],
        open=row["open"],
        secretariat=row["secretariat"],
        tokens_valid_from=row["tokens_valid_from"],
        password_hash=row["password_hash"],
    )


def affiliation_of(row: Row) -> Affiliation:
    return Affiliation(
        id=row["affiliation_id"],
        version=row["version"],
        account_id=row["account_id"],
        organisation_id=row["organisation_id"],
        office=Office(row["office"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
    )


def person_of(row: Row) -> Person:
    return Person(
        affiliation=affiliation_of(row),
        email=row["email"],
        name=_name(row),
        language=row["language"],
        orcid=row["orcid"],
        invited=row["invited"],
    )


def standing_of(row: Row) -> Standing:
    return Standing(
        organisation_id=row["organisation_id"],
        name=_name(row),
        kind=MemberKind(row["kind"]),
        state=MemberState(row["state"]),
        office=Office(row["office"]),
    )


def _name(row: Row) -> Bilingual:
    return Bilingual(zh=row["name_zh"], en=row["name_en"])
