"""A need and its life: draft, submitted, published, matched; returned to its author, or withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from common.errors import Conflict
from common.text import Bilingual, BilingualText
from common.vocabulary import MemberKind, MemberState, NeedState, RecordKind
from project_matching.model.content import NeedContent, first_revisions, revisions_after

OPEN = frozenset({NeedState.published, NeedState.matched})
"""States in which a need is proposed to organisations; one that is matched may still find a better counterpart."""
PUBLIC = frozenset({*OPEN, NeedState.in_project, NeedState.met, NeedState.not_met})
"""States in which everybody who is signed in may see a need, as far as it is disclosed."""
WITHDRAWABLE = frozenset({NeedState.draft, NeedState.submitted, *OPEN})


@dataclass(frozen=True)
class Organisation:
    """What has to be known of an organisation to post a need for it or to show it."""

    id: UUID
    name: Bilingual
    kind: MemberKind
    record: RecordKind
    state: MemberState


@dataclass(frozen=True, kw_only=True)
class Need:
    """One version of a need; every change gives the next version and is one event."""

    id: UUID
    version: int
    organisation_id: UUID
    organisation_name: Bilingual
    posted_by_secretariat: bool
    state: NeedState
    content: NeedContent
    text_revisions: Mapping[str, int]
    created_at: datetime
    in_state_since: datetime
    submitted_at: datetime | None = None
    published_at: datetime | None = None
    return_reason: BilingualText | None = None
    withdraw_reason: BilingualText | None = None

    def revised(self, content: NeedContent) -> "Need":
        """A draft with new content. Conflict once it was submitted: what is being checked must stand still."""
        self._must_be(NeedState.draft)
        version = self.version + 1
        revisions = revisions_after(self.content, self.text_revisions, content, version)
        return replace(self, version=version, content=content, text_revisions=revisions)

    def submitted(self, now: datetime) -> "Need":
        """Handed to the secretariat; the reason of an earlier return is settled with it."""
        self._must_be(NeedState.draft)
        return replace(self._in(NeedState.submitted, now), submitted_at=now, return_reason=None)

    def published(self, now: datetime) -> "Need":
        self._must_be(NeedState.submitted)
        return replace(self._in(NeedState.published, now), published_at=now)

    def returned(self, reason: BilingualText, now: datetime) -> "Need":
        """A draft again, with what is missing; from here on nobody but its author sees it."""
        self._must_be(NeedState.submitted)
        return replace(self._in(NeedState.draft, now), submitted_at=None, return_reason=reason)

    def withdrawn(self, reason: BilingualText | None, now: datetime) -> "Need":
        """Taken back by its poster; it ends here."""
        self._must_be(*WITHDRAWABLE)
        return replace(self._in(NeedState.withdrawn, now), withdraw_reason=reason)

    def matched(self, now: datetime) -> "Need":
        """Both sides of one of its suggestions are interested (U16)."""
        self._must_be(NeedState.published)
        return self._in(NeedState.matched, now)

    def _in(self, state: NeedState, now: datetime) -> "Need":
        return replace(self, version=self.version + 1, state=state, in_state_since=now)

    def _must_be(self, *states: NeedState) -> None:
        if self.state not in states:
            zh = "、".join(f"“{state.zh}”" for state in NeedState if state in states)
            en = ", ".join(f"“{state.en}”" for state in NeedState if state in states)
            raise Conflict(
                Bilingual(
                    zh=f"需求现为“{self.state.zh}”，此操作只适用于：{zh}。",
                    en=f"The need is “{self.state.en}”; this can be done only while it is: {en}.",
                ),
                code="need_state",
            )


def new_need(
    need_id: UUID, organisation: Organisation, content: NeedContent, *, by_secretariat: bool, now: datetime
) -> Need:
    """The first version: a draft that nobody but its author's organisation sees."""
    return Need(
        id=need_id,
        version=1,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        posted_by_secretariat=by_secretariat,
        state=NeedState.draft,
        content=content,
        text_revisions=first_revisions(content),
        created_at=now,
        in_state_since=now,
    )
