"""What project matching tells the others: needs, suggestions and their answers, subscriptions and their hits."""

from uuid import UUID

from common.events.base import Body, Event
from common.events.member_registry import Provenance
from common.text import Bilingual, BilingualText
from common.vocabulary import (
    AchievementType,
    DeclineReason,
    DeviceClass,
    Disclosure,
    MemberKind,
    NeedState,
    RecordKind,
    Specialty,
    Stage,
    SuggestionState,
    WantedSide,
)


class NeedFacts(Body):
    """A need as far as its poster disclosed it; what is not disclosed never leaves project matching."""

    organisation_id: UUID
    organisation_name: Bilingual
    record: RecordKind
    provenance: Provenance | None = None
    disclosure: Disclosure
    title: Bilingual
    problem: BilingualText = BilingualText()
    population: BilingualText = BilingualText()
    outcome: BilingualText = BilingualText()
    workflow_step: BilingualText = BilingualText()
    specialty: Specialty
    achievement_type: AchievementType
    wanted: tuple[WantedSide, ...]
    device_class: DeviceClass = DeviceClass.not_stated
    stage: Stage = Stage.pain_point
    region: str | None = None
    blocked_organisations: tuple[UUID, ...] = ()


class NeedChanged(Event, name="need.changed", aggregate="need_id"):
    """A need was drafted, revised, submitted, returned or withdrawn; carries its state, never a draft's text."""

    need_id: UUID
    organisation_id: UUID
    state: NeedState
    returned: bool = False
    title: Bilingual | None = None


class NeedPublished(Event, name="need.published", aggregate="need_id"):
    """The secretariat published a need: matching starts from this fact."""

    need_id: UUID
    need: NeedFacts


class MatchedWord(Body):
    """A word that counted: as it stands in the need and as it stands in the profile, with its share of the score."""

    need: str
    profile: str
    points: float


class Facet(Body):
    """One readable part of a score: value 0..1, its weight, and the points it gave."""

    code: str
    value: float
    weight: float
    points: float
    text: Bilingual


class MatchSuggested(Event, name="suggestion.made", aggregate="suggestion_id"):
    """The engine found that an organisation may be able to meet a need, and says why."""

    suggestion_id: UUID
    need_id: UUID
    need_organisation_id: UUID
    need_title: Bilingual
    need_record: RecordKind
    organisation_id: UUID
    organisation_name: Bilingual
    organisation_kind: MemberKind
    organisation_record: RecordKind
    score: float
    facets: tuple[Facet, ...]
    words: tuple[MatchedWord, ...]
    engine: str


class MatchAnswered(Event, name="suggestion.answered", aggregate="suggestion_id"):
    """One side said interested or declined; `mutual` is the state in which a suggestion became a match (U16)."""

    suggestion_id: UUID
    need_id: UUID
    need_organisation_id: UUID
    need_title: Bilingual
    need_record: RecordKind
    organisation_id: UUID
    organisation_name: Bilingual
    by_need_side: bool
    interested: bool
    reason: DeclineReason | None = None
    state: SuggestionState


class SubscriptionFacts(Body):
    """A standing filter on published needs; empty lists ask for nothing."""

    name: Bilingual
    specialties: tuple[Specialty, ...] = ()
    achievement_types: tuple[AchievementType, ...] = ()
    wanted: tuple[WantedSide, ...] = ()
    regions: tuple[str, ...] = ()
    words_all: tuple[str, ...] = ()
    words_any: tuple[str, ...] = ()
    words_none: tuple[str, ...] = ()


class SubscriptionChanged(Event, name="subscription.changed", aggregate="subscription_id"):
    """A standing subscription was made or changed, or ended when `active` is false."""

    subscription_id: UUID
    organisation_id: UUID
    subscription: SubscriptionFacts
    active: bool


class SubscriptionHit(Event, name="hit.found", aggregate="hit_id"):
    """A published need passed a standing subscription."""

    hit_id: UUID
    subscription_id: UUID
    subscription_name: Bilingual
    organisation_id: UUID
    need_id: UUID
    need_organisation_id: UUID
    need_organisation_name: Bilingual
    need_title: Bilingual
    need_summary: BilingualText = BilingualText()
    need_record: RecordKind
    specialty: Specialty
    achievement_type: AchievementType
    words: tuple[str, ...] = ()
