"""What is answered about organisations and applications."""

from datetime import datetime
from typing import Self
from uuid import UUID

from common.auth import Caller
from common.events.member_registry import Item, Provenance
from common.http import View
from common.text import Bilingual, BilingualText, Language
from common.vocabulary import MemberKind, MemberState, RecordKind, Specialty
from member_registry.model.identifiers import doubt_about_uscc
from member_registry.model.organisation import Organisation
from member_registry.model.people import NewPerson
from member_registry.store.directory import Listed


class Warned(View):
    """Something that may be wrong and that a person should look at."""

    field: str
    message: Bilingual


class RevisionsView(View):
    """In which version of the organisation each language was last changed; the lower one may be out of date."""

    zh: int | None
    en: int | None


class OrganisationCard(View):
    """What is told of an organisation wherever one is shown."""

    id: UUID
    name: Bilingual
    kind: MemberKind
    record: RecordKind
    state: MemberState
    uscc: str | None
    ror: str | None
    country: str | None
    region: str | None
    website: str | None
    summary: BilingualText
    specialties: list[Specialty]
    capabilities: list[Bilingual]
    provenance: Provenance | None
    version: int
    updated_at: datetime


class OrganisationLine(OrganisationCard):
    """An organisation as a list shows it; its items are read one by one."""

    item_count: int

    @classmethod
    def of(cls, found: Listed) -> Self:
        row = found.row
        return cls(
            id=found.id,
            name=found.name,
            kind=found.kind,
            record=found.record,
            state=found.state,
            uscc=row["uscc"],
            ror=row["ror"],
            country=row["country"],
            region=row["region"],
            website=row["website"],
            summary=found.summary,
            specialties=row["specialties"],
            capabilities=row["capabilities"],
            item_count=row["items"],
            provenance=row["provenance"],
            version=found.version,
            updated_at=row["updated_at"],
        )


class OrganisationView(OrganisationCard):
    """An organisation with its whole profile; reason and warnings only for those they concern."""

    summary_revisions: RevisionsView
    items: list[Item]
    reason: Bilingual | None = None
    warnings: tuple[Warned, ...] = ()

    @classmethod
    def of(cls, found: Organisation, caller: Caller) -> Self:
        profile, concerned = found.profile, caller.secretariat or caller.may_act_for(found.id)
        return cls(
            id=found.id,
            name=found.name,
            kind=found.kind,
            record=found.record,
            state=found.state,
            uscc=found.uscc,
            ror=found.ror,
            country=found.country,
            region=profile.region,
            website=profile.website,
            summary=profile.summary,
            summary_revisions=RevisionsView(zh=found.summary_revisions.zh, en=found.summary_revisions.en),
            specialties=list(profile.specialties),
            capabilities=list(profile.capabilities),
            items=list(profile.items),
            provenance=found.provenance,
            version=found.version,
            updated_at=found.updated_at,
            reason=found.reason if concerned and not found.reason.empty else None,
            warnings=warnings_about(found) if concerned else (),
        )


def warnings_about(found: Organisation) -> tuple[Warned, ...]:
    doubt = doubt_about_uscc(found.uscc, found.kind)
    return (Warned(field="uscc", message=doubt),) if doubt else ()


class ApplicantView(View):
    """Who applied."""

    email: str
    name: Bilingual
    language: Language
    orcid: str | None


class ApplicationLine(View):
    """An application as the secretariat sees it."""

    id: UUID
    state: MemberState
    created_at: datetime
    organisation: OrganisationView
    representative: ApplicantView | None

    @classmethod
    def of(cls, found: Organisation, applicant: NewPerson | None, caller: Caller) -> Self:
        representative = None
        if applicant is not None:
            representative = ApplicantView(
                email=applicant.email, name=applicant.name, language=applicant.language, orcid=applicant.orcid
            )
        return cls(
            id=found.id,
            state=found.state,
            created_at=found.created_at,
            organisation=OrganisationView.of(found, caller),
            representative=representative,
        )


class ApplicationView(View):
    """Where an application stands; the reason when it was returned."""

    id: UUID
    state: MemberState
    reason: Bilingual | None = None
    warnings: tuple[Warned, ...] = ()
