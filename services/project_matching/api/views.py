"""Needs as callers see them: all of it, or its title and codes."""

from datetime import datetime
from uuid import UUID

from common.events.member_registry import Provenance
from common.http import View
from common.text import Bilingual, BilingualText
from common.vocabulary import (
    AchievementType,
    DeviceClass,
    Disclosure,
    NeedState,
    RecordKind,
    Specialty,
    Stage,
    WantedSide,
)
from project_matching.model.content import stale_translations
from project_matching.model.disclosure import Sight, Viewer, is_owner, sight
from project_matching.store.needs import SeenNeed

_NOTHING = BilingualText()


class OrganisationRef(View):
    """An organisation by name."""

    id: UUID
    name: Bilingual


class Counts(View):
    """How many organisations a need was proposed to and how many of them are interested (U2)."""

    suggested: int
    interested: int


class NeedView(View):
    """A need. `redacted`: the texts beside the title are withheld until both sides have declared interest."""

    id: UUID
    organisation: OrganisationRef
    state: NeedState
    title: Bilingual
    problem: BilingualText
    population: BilingualText
    outcome: BilingualText
    workflow_step: BilingualText
    specialty: Specialty | None
    achievement_type: AchievementType | None
    wanted: tuple[WantedSide, ...]
    device_class: DeviceClass
    stage: Stage
    region: str | None
    disclosure: Disclosure
    record: RecordKind
    provenance: Provenance | None
    return_reason: BilingualText | None
    withdraw_reason: BilingualText | None
    blocked_organisations: tuple[UUID, ...]
    stale_translations: tuple[str, ...]
    version: int
    created_at: datetime
    submitted_at: datetime | None
    published_at: datetime | None
    in_state_since: datetime
    redacted: bool
    counts: Counts


def need_view(seen: SeenNeed, viewer: Viewer) -> NeedView:
    """The need as this viewer may read it; whether they may at all has been decided before."""
    need, content = seen.need, seen.need.content
    full = sight(need, viewer, mutual=seen.mutual) is Sight.full
    inside = is_owner(need, viewer) or viewer.secretariat
    return NeedView(
        id=need.id,
        organisation=OrganisationRef(id=need.organisation_id, name=need.organisation_name),
        state=need.state,
        title=content.title,
        problem=content.problem if full else _NOTHING,
        population=content.population if full else _NOTHING,
        outcome=content.outcome if full else _NOTHING,
        workflow_step=content.workflow_step if full else _NOTHING,
        specialty=content.specialty,
        achievement_type=content.achievement_type,
        wanted=content.wanted,
        device_class=content.device_class,
        stage=content.stage,
        region=content.region,
        disclosure=content.disclosure,
        record=content.record,
        provenance=content.provenance,
        return_reason=need.return_reason if inside else None,
        withdraw_reason=need.withdraw_reason if inside else None,
        blocked_organisations=content.blocked_organisations if inside else (),
        stale_translations=stale_translations(need.text_revisions) if inside else (),
        version=need.version,
        created_at=need.created_at,
        submitted_at=need.submitted_at,
        published_at=need.published_at,
        in_state_since=need.in_state_since,
        redacted=not full,
        counts=Counts(suggested=seen.suggested, interested=seen.interested),
    )
