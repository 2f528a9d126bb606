"""Events as services hear them, with everything filled in that a test does not care about."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from common.events.member_registry import MemberAdmitted, OrganisationFacts
from common.events.project_matching import (
    Facet,
    MatchAnswered,
    MatchedWord,
    MatchSuggested,
    NeedChanged,
    NeedFacts,
    NeedPublished,
    SubscriptionHit,
)
from common.ids import new_id
from common.text import Bilingual, BilingualText
from common.vocabulary import (
    AchievementType,
    Disclosure,
    MemberKind,
    MemberState,
    NeedState,
    RecordKind,
    Specialty,
    SuggestionState,
    WantedSide,
)

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TITLE = Bilingual(zh="大血管闭塞取栓支架", en="Stent retriever for large vessel occlusion")


def hit(subscriber_id: UUID, **more: Any) -> SubscriptionHit:
    """A need that passed a subscription of this organisation."""
    given: dict[str, Any] = {
        "version": 1,
        "at": AT,
        "hit_id": new_id(),
        "subscription_id": new_id(),
        "subscription_name": Bilingual(zh="取栓", en="Thrombectomy"),
        "organisation_id": subscriber_id,
        "need_id": new_id(),
        "need_organisation_id": new_id(),
        "need_organisation_name": Bilingual(zh="演示医院", en="Demo Hospital"),
        "need_title": TITLE,
        "need_summary": BilingualText(zh="现有支架取出率低。", en="Present stents retrieve too little."),
        "need_record": RecordKind.demo,
        "specialty": Specialty.ais_thrombectomy,
        "achievement_type": AchievementType.consumable,
        "words": ("取栓",),
    }
    return SubscriptionHit(**{**given, **more})


def _pair(organisation_id: UUID, need_organisation_id: UUID) -> dict[str, Any]:
    """What every fact about a suggestion says: the need and the organisation it brings together."""
    return {
        "at": AT,
        "suggestion_id": new_id(),
        "need_id": new_id(),
        "need_organisation_id": need_organisation_id,
        "need_title": TITLE,
        "need_record": RecordKind.demo,
        "organisation_id": organisation_id,
        "organisation_name": Bilingual(zh="示例器械", en="Example Devices"),
    }


def suggested(organisation_id: UUID, need_organisation_id: UUID, **more: Any) -> MatchSuggested:
    """An organisation suggested for a need of another."""
    given: dict[str, Any] = {
        **_pair(organisation_id, need_organisation_id),
        "version": 1,
        "organisation_kind": MemberKind.enterprise,
        "organisation_record": RecordKind.demo,
        "score": 0.83,
        "facets": (
            Facet(code="words", value=0.8, weight=0.6, points=0.48, text=Bilingual(zh="文字相近", en="Close wording")),
            Facet(
                code="specialty", value=1, weight=0.3, points=0.3, text=Bilingual(zh="专科相同", en="Same specialty")
            ),
        ),
        "words": (MatchedWord(need="取栓", profile="取栓支架", points=0.2),),
        "engine": "words/1",
    }
    return MatchSuggested(**{**given, **more})


def answered(organisation_id: UUID, need_organisation_id: UUID, **more: Any) -> MatchAnswered:
    """One side's answer to a suggestion; interested, by the organisation, unless said otherwise."""
    given: dict[str, Any] = {
        **_pair(organisation_id, need_organisation_id),
        "version": 2,
        "by_need_side": False,
        "interested": True,
        "state": SuggestionState.interested,
    }
    return MatchAnswered(**{**given, **more})


def published(organisation_id: UUID, **need: Any) -> NeedPublished:
    """A need that the secretariat made public."""
    given: dict[str, Any] = {
        "organisation_id": organisation_id,
        "organisation_name": Bilingual(zh="演示医院", en="Demo Hospital"),
        "record": RecordKind.demo,
        "disclosure": Disclosure.summary,
        "title": TITLE,
        "specialty": Specialty.ais_thrombectomy,
        "achievement_type": AchievementType.consumable,
        "wanted": (WantedSide.enterprise,),
    }
    return NeedPublished(version=3, at=AT, need_id=new_id(), need=NeedFacts(**{**given, **need}))


def changed(organisation_id: UUID, *, returned: bool, title: Bilingual | None = TITLE) -> NeedChanged:
    """A need that went back to its draft, or changed in some other way."""
    return NeedChanged(
        version=3,
        at=AT,
        need_id=new_id(),
        organisation_id=organisation_id,
        state=NeedState.draft,
        returned=returned,
        title=title,
    )


def admitted(organisation_id: UUID, **facts: Any) -> MemberAdmitted:
    """An organisation that is in the registry from now on."""
    given: dict[str, Any] = {
        "name": Bilingual(zh="示例器械", en="Example Devices"),
        "kind": MemberKind.enterprise,
        "record": RecordKind.member,
        "state": MemberState.active,
    }
    return MemberAdmitted(
        version=1, at=AT, organisation_id=organisation_id, organisation=OrganisationFacts(**{**given, **facts})
    )
