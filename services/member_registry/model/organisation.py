"""An organisation in the registry: who it is, its standing, and what it says it can do."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from common.errors import FieldError, InvalidInput
from common.events.member_registry import Item, OrganisationFacts, Provenance
from common.text import Bilingual, BilingualText
from common.vocabulary import MemberKind, MemberState, RecordKind, Specialty
from member_registry.model.words import document

LARGEST_PROFILE = 300_000
"""Bytes of JSON; a profile travels whole in one event, which must stay far below a record's limit of 1 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What an organisation says of itself."""

    website: str | None = None
    region: str | None = None
    summary: BilingualText = field(default_factory=BilingualText)
    specialties: tuple[Specialty, ...] = ()
    capabilities: tuple[Bilingual, ...] = ()
    items: tuple[Item, ...] = ()


NO_PROFILE = Profile()


@dataclass(frozen=True, slots=True)
class Revisions:
    """The organisation's version in which each language of a text was last changed: the lower one may be stale."""

    zh: int | None = None
    en: int | None = None

    def after(self, old: BilingualText, new: BilingualText, version: int) -> "Revisions":
        return Revisions(
            zh=self.zh if new.zh == old.zh else version if new.zh else None,
            en=self.en if new.en == old.en else version if new.en else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One entry of the registry; `admitted_at` is empty while it is an application."""

    id: UUID
    version: int
    name: Bilingual
    kind: MemberKind
    record: RecordKind
    state: MemberState
    created_at: datetime
    updated_at: datetime
    admitted_at: datetime | None = None
    reason: Bilingual = field(default_factory=Bilingual)
    uscc: str | None = None
    ror: str | None = None
    country: str | None = None
    profile: Profile = NO_PROFILE
    summary_revisions: Revisions = Revisions()
    provenance: Provenance | None = None

    def changed(self, now: datetime) -> "Organisation":
        """The next version."""
        return replace(self, version=self.version + 1, updated_at=now)

    def with_profile(self, profile: Profile, now: datetime) -> "Organisation":
        """The next version with another profile; InvalidInput when the profile is too large to travel."""
        revisions = self.summary_revisions.after(self.profile.summary, profile.summary, self.version + 1)
        return replace(self.changed(now), profile=profile, summary_revisions=revisions).fit()

    def fit(self) -> "Organisation":
        """Itself, or InvalidInput when its profile is larger than an event may carry."""
        size = len(self.facts().model_dump_json().encode())
        if size > LARGEST_PROFILE:
            raise InvalidInput(
                errors=(
                    FieldError(
                        "items",
                        "profile_too_large",
                        Bilingual(
                            zh=f"资料合计 {size // 1000} kB，过大", en=f"make the profile {size // 1000} kB large"
                        ),
                        Bilingual(
                            zh=f"合计最多 {LARGEST_PROFILE // 1000} kB：请缩短文字或减少条目",
                            en=f"at most {LARGEST_PROFILE // 1000} kB in all: shorten texts or remove items",
                        ),
                    ),
                )
            )
        return self

    def facts(self) -> OrganisationFacts:
        """What others may know of it."""
        return OrganisationFacts(
            name=self.name,
            kind=self.kind,
            record=self.record,
            state=self.state,
            country=self.country,
            region=self.profile.region,
            website=self.profile.website,
            summary=self.profile.summary,
            specialties=self.profile.specialties,
            capabilities=self.profile.capabilities,
            items=self.profile.items,
            provenance=self.provenance,
        )

    def words(self) -> str:
        """The words it is found by: names and codes weigh more than capabilities, these more than items and summary."""
        return document(self._texts())

    def _texts(self) -> Iterator[tuple[str, str | None]]:
        yield from (("A", self.name.zh), ("A", self.name.en), ("A", self.uscc), ("A", self.ror))
        for capability in self.profile.capabilities:
            yield from (("B", capability.zh), ("B", capability.en))
        for specialty in self.profile.specialties:
            yield from (("B", specialty.zh), ("B", specialty.en))
        for item in self.profile.items:
            yield from (("C", item.title.zh), ("C", item.title.en))
        yield from (("D", self.profile.summary.zh), ("D", self.profile.summary.en))
