"""What is told of an organisation when it comes into the registry, by itself or by the secretariat."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from common.events.member_registry import Provenance
from common.text import Bilingual
from common.vocabulary import MemberKind, MemberState, RecordKind
from member_registry.model.organisation import NO_PROFILE, Organisation, Profile, Revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A new organisation with checked identifiers; a record of a public source says from which one."""

    name: Bilingual
    kind: MemberKind
    record: RecordKind = RecordKind.member
    uscc: str | None = None
    ror: str | None = None
    country: str | None = None
    profile: Profile = NO_PROFILE
    provenance: Provenance | None = None

    def organisation(self, organisation_id: UUID, now: datetime) -> Organisation:
        """The first version, not yet admitted."""
        summary = self.profile.summary
        return Organisation(
            id=organisation_id,
            version=1,
            name=self.name,
            kind=self.kind,
            record=self.record,
            state=MemberState.applied,
            created_at=now,
            updated_at=now,
            uscc=self.uscc,
            ror=self.ror,
            country=self.country,
            profile=self.profile,
            summary_revisions=Revisions(zh=1 if summary.zh else None, en=1 if summary.en else None),
            provenance=self.provenance,
        )
