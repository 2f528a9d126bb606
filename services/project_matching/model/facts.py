"""What others are told of a need: its state, and its texts only as far as they are disclosed."""

from datetime import datetime

from common.events.project_matching import NeedChanged, NeedFacts, NeedPublished
from common.text import BilingualText
from common.vocabulary import NeedState
from project_matching.model.need import Need


def changed(need: Need, now: datetime, *, returned: bool = False) -> NeedChanged:
    """The fact of a change; a draft's title stays at home, unless the secretariat has had it and sends it back."""
    told = returned or need.state is not NeedState.draft
    return NeedChanged(
        version=need.version,
        at=now,
        need_id=need.id,
        organisation_id=need.organisation_id,
        state=need.state,
        returned=returned,
        title=need.content.title if told else None,
    )


def published(need: Need, now: datetime) -> NeedPublished:
    """The fact that matching starts from."""
    return NeedPublished(version=need.version, at=now, need_id=need.id, need=disclosed(need))


def disclosed(need: Need) -> NeedFacts:
    """The need as others may know it. Raises AssertionError for one that is not complete."""
    content = need.content
    assert content.specialty is not None
    assert content.achievement_type is not None
    shown = content.disclosed_texts

    def text(name: str) -> BilingualText:
        found = content.text(name)
        return BilingualText(zh=found.zh, en=found.en) if name in shown else BilingualText()

    return NeedFacts(
        organisation_id=need.organisation_id,
        organisation_name=need.organisation_name,
        record=content.record,
        provenance=content.provenance,
        disclosure=content.disclosure,
        title=content.title,
        problem=text("problem"),
        population=text("population"),
        outcome=text("outcome"),
        workflow_step=text("workflow_step"),
        specialty=content.specialty,
        achievement_type=content.achievement_type,
        wanted=content.wanted,
        device_class=content.device_class,
        stage=content.stage,
        region=content.region,
        blocked_organisations=content.blocked_organisations,
    )
