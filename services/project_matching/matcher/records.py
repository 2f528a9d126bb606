"""Facts from events and tables as the engine's plain records."""

from uuid import UUID

from common.events.member_registry import OrganisationFacts
from common.events.project_matching import NeedFacts, SubscriptionFacts
from common.text import Bilingual, BilingualText
from project_matching import engine


def text(found: Bilingual | BilingualText) -> engine.Text:
    return engine.Text(found.zh, found.en)


def need_record(need_id: UUID, facts: NeedFacts) -> engine.Need:
    """Only what is disclosed is in the facts, so the engine can neither use nor quote anything else."""
    return engine.Need(
        id=str(need_id),
        organisation_id=str(facts.organisation_id),
        title=text(facts.title),
        texts=(text(facts.problem), text(facts.population), text(facts.outcome), text(facts.workflow_step)),
        specialty=facts.specialty.value,
        achievement_type=facts.achievement_type.value,
        wanted=tuple(side.value for side in facts.wanted),
        device_class=facts.device_class.value,
        stage=facts.stage.value,
        region=facts.region,
        blocked=frozenset(map(str, facts.blocked_organisations)),
    )


def profile_record(organisation_id: UUID, facts: OrganisationFacts) -> engine.Profile:
    return engine.Profile(
        organisation_id=str(organisation_id),
        kind=facts.kind.value,
        names=text(facts.name),
        active=facts.state.may_act,
        summary=text(facts.summary),
        capabilities=tuple(text(capability) for capability in facts.capabilities),
        items=tuple(
            engine.Item(
                title=text(item.title),
                text=text(item.text),
                device_class=item.device_class.value,
                specialty=item.specialty.value if item.specialty else None,
                stage=item.stage.value if item.stage else None,
                year=item.year,
            )
            for item in facts.items
        ),
        specialties=tuple(specialty.value for specialty in facts.specialties),
        region=facts.region,
    )


def subscription_record(subscription_id: UUID, organisation_id: UUID, facts: SubscriptionFacts) -> engine.Subscription:
    return engine.Subscription(
        id=str(subscription_id),
        organisation_id=str(organisation_id),
        specialties=tuple(code.value for code in facts.specialties),
        achievement_types=tuple(code.value for code in facts.achievement_types),
        wanted=tuple(side.value for side in facts.wanted),
        regions=facts.regions,
        words_all=facts.words_all,
        words_any=facts.words_any,
        words_none=facts.words_none,
    )
