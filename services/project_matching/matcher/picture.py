"""The live picture a worker searches: organisations, open needs and subscriptions, each in its newest version.

Nothing is stored twice over: what comes from the database at the start and what comes from the topics afterwards is
taken by version, so that the order and number of readings do not matter. Every function here runs in one thread.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, ParamSpec
from uuid import UUID

from common.events import Event
from common.events.member_registry import (
    MemberAdmitted,
    MemberProfileChanged,
    MembershipChanged,
    OrganisationFacts,
)
from common.events.project_matching import (
    NeedChanged,
    NeedFacts,
    NeedPublished,
    SubscriptionChanged,
    SubscriptionFacts,
)
from common.telemetry import log
from project_matching import engine
from project_matching.matcher.account import account_of
from project_matching.matcher.records import need_record, profile_record, subscription_record
from project_matching.model.explanation import Explanation
from project_matching.model.facts import disclosed
from project_matching.model.need import OPEN, Need
from project_matching.model.subscription import Subscription
from project_matching.store.profiles import KnownProfile

P = ParamSpec("P")
_Analysed = Mapping[tuple[UUID, int], engine.AnalysedProfile]
"""Profiles by organisation and version."""


class Proposal(NamedTuple):
    """A pair that reaches the engine's floor and that no rule forbids, with the version of the profile."""

    need_id: UUID
    organisation_id: UUID
    profile_version: int
    score_millionths: int


@dataclass(frozen=True)
class Passed:
    """A need that passed a subscription, with what a subscriber is told of it."""

    subscription_id: UUID
    organisation_id: UUID
    facts: SubscriptionFacts
    need_id: UUID
    need: NeedFacts
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _OpenNeed:
    facts: NeedFacts
    analysed: engine.AnalysedNeed


@dataclass(frozen=True, eq=False)
class _Standing:
    organisation_id: UUID
    facts: SubscriptionFacts
    record: engine.Subscription


class NotInThePicture(Exception):
    """The engine could not take in a need, a profile or a subscription."""


class Picture:
    """What a worker knows, indexed for all three questions."""

    def __init__(self) -> None:
        self._versions: dict[UUID, int] = {}
        self._failed: dict[UUID, str] = {}
        self._may_act: dict[UUID, bool] = {}
        self._analysed: dict[UUID, engine.AnalysedProfile] = {}
        self._needs: dict[UUID, _OpenNeed] = {}
        self._subscriptions: dict[UUID, _Standing] = {}
        self._profile_index = engine.ProfileIndex()
        self._need_index = engine.NeedIndex()
        self._subscription_index = engine.SubscriptionIndex()

    def apply(self, events: Sequence[Event]) -> None:
        """Take what is newer than what is known; other events are none of the matcher's business."""
        ahead = self._analysed_together(
            [_told(e) for e in events if isinstance(e, MemberAdmitted | MemberProfileChanged)]
        )
        for event in events:
            self._noting(event.aggregate_id, self._apply, event, ahead)

    def load(
        self,
        *,
        organisations: Sequence[KnownProfile] = (),
        needs: Sequence[Need] = (),
        subscriptions: Sequence[Subscription] = (),
    ) -> None:
        """Take what the database holds, where it is newer, and index it: the first need must not wait for that."""
        ahead = self._analysed_together(organisations)
        for one in organisations:
            self._noting(one.organisation_id, self._take_organisation, one, ahead)
        for need in needs:
            self._noting(need.id, self._take_need, need.id, need.version, disclosed(need))
        for sub in subscriptions:
            self._noting(sub.id, self._take_subscription, sub.id, sub.version, sub.organisation_id, sub.facts)
        self._profile_index.settle()
        self._need_index.settle()

    def _noting(self, key: UUID, take: Callable[P, None], *arguments: P.args, **named: P.kwargs) -> None:
        """Take one; a text that the engine cannot bear is proposed no more, and must not keep the others out."""
        try:
            take(*arguments, **named)
        except Exception as error:
            log.error("not_in_the_picture", aggregate=str(key), exc_info=error)
            self._drop(key)
            self._failed[key] = repr(error)

    def _drop(self, key: UUID) -> None:
        self._analysed.pop(key, None)
        self._needs.pop(key, None)
        self._subscriptions.pop(key, None)
        for index in (self._profile_index, self._need_index, self._subscription_index):
            index.remove(str(key))

    def _apply(self, event: Event, ahead: _Analysed) -> None:
        match event:
            case MemberAdmitted() | MemberProfileChanged():
                self._take_organisation(_told(event), ahead)
            case MembershipChanged():
                self._change_standing(event)
            case NeedPublished():
                self._take_need(event.need_id, event.version, event.need)
            case NeedChanged():
                self._change_need(event)
            case SubscriptionChanged():
                facts = event.subscription if event.active else None
                self._take_subscription(event.subscription_id, event.version, event.organisation_id, facts)

    def _analysed_together(self, told: Sequence[KnownProfile]) -> _Analysed:
        """What is newer than what is known, much faster than one by one; nothing if one of them cannot be borne."""
        newer: dict[tuple[UUID, int], engine.Profile] = {}
        try:
            for one in told:
                if one.version > self._versions.get(one.organisation_id, 0):
                    record = profile_record(one.organisation_id, one.facts)
                    newer.setdefault((one.organisation_id, one.version), record)  # the first is the one to be taken
            return dict(zip(newer, engine.analyse_profiles(newer.values()), strict=True))
        except Exception:  # whichever it is fails again when it is taken alone, and is noted there
            return {}

    def _take_organisation(self, told: KnownProfile, ahead: _Analysed) -> None:
        """As it was analysed ahead, else by itself."""
        key, facts = told.organisation_id, told.facts
        if self._is_newer(key, told.version):
            self._may_act[key] = facts.state.may_act
            self._put(key, ahead.get((key, told.version)) or engine.analyse_profile(profile_record(key, facts)))
            self._failed.pop(key, None)

    def _put(self, organisation_id: UUID, analysed: engine.AnalysedProfile) -> None:
        self._analysed[organisation_id] = analysed
        self._profile_index.put(analysed)

    def _take_need(self, need_id: UUID, version: int, facts: NeedFacts) -> None:
        if self._is_newer(need_id, version):
            analysed = engine.analyse_need(need_record(need_id, facts))
            self._needs[need_id] = _OpenNeed(facts, analysed)
            self._need_index.put(analysed)
            self._failed.pop(need_id, None)

    def _take_subscription(
        self, subscription_id: UUID, version: int, organisation_id: UUID, facts: SubscriptionFacts | None
    ) -> None:
        """None ends it."""
        if not self._is_newer(subscription_id, version):
            return
        if facts is None:
            self._subscriptions.pop(subscription_id, None)
            self._subscription_index.remove(str(subscription_id))
            return
        record = subscription_record(subscription_id, organisation_id, facts)
        self._subscriptions[subscription_id] = _Standing(organisation_id, facts, record)
        self._subscription_index.put(record)
        self._failed.pop(subscription_id, None)

    def _is_newer(self, key: UUID, version: int) -> bool:
        if version <= self._versions.get(key, 0):
            return False
        self._versions[key] = version
        return True

    def _change_standing(self, event: MembershipChanged) -> None:
        key, may_act = event.organisation_id, event.state.may_act
        if key in self._may_act and self._is_newer(key, event.version):
            self._may_act[key] = may_act
            if key in self._analysed:
                self._put(key, engine.restated(self._analysed[key], kind=event.kind.value, active=may_act))

    def _change_need(self, event: NeedChanged) -> None:
        if self._is_newer(event.need_id, event.version) and event.state not in OPEN:
            self._needs.pop(event.need_id, None)
            self._need_index.remove(str(event.need_id))

    def organisations_for(self, need_id: UUID) -> list[Proposal]:
        """Who may be able to meet this need; nobody for one that is closed or whose poster may not act."""
        need = self._proposable(need_id)
        if need is None:
            return []
        return self._proposals(self._profile_index.search(need.analysed, count=None))

    def needs_for(self, organisation_id: UUID) -> list[Proposal]:
        """Which open needs this organisation may be able to meet."""
        self._check(organisation_id)
        profile = self._analysed.get(organisation_id)
        if profile is None:
            return []
        found = self._proposals(self._need_index.search(profile, count=None))
        return [proposal for proposal in found if self._proposable(proposal.need_id)]

    def subscriptions_for(self, need_id: UUID) -> list[Passed]:
        """Which standing subscriptions this need passes."""
        need = self._proposable(need_id)
        if need is None:
            return []
        found = (UUID(key) for key in self._subscription_index.match(need.analysed))
        return [passed for key in found if (passed := self._passed(key, need_id, need))]

    def needs_under(self, subscription_id: UUID) -> list[Passed]:
        """Which open needs pass this subscription."""
        self._check(subscription_id)
        if subscription_id not in self._subscriptions:
            return []
        record = self._subscriptions[subscription_id].record
        return [
            passed
            for need_id, need in self._needs.items()
            if engine.answers(need.analysed, record)
            and self._proposable(need_id)
            and (passed := self._passed(subscription_id, need_id, need))
        ]

    def account(
        self, need_id: UUID, need: NeedFacts, organisation_id: UUID, profile: OrganisationFacts
    ) -> tuple[int, Explanation] | None:
        """Of these very facts; what the picture holds of them analysed already is not analysed again.

        Raises NotInThePicture where the engine cannot bear them.
        """
        try:
            asking, known = need_record(need_id, need), self._needs.get(need_id)
            telling, held = profile_record(organisation_id, profile), self._analysed.get(organisation_id)
            return account_of(
                known.analysed if known and known.analysed.need == asking else engine.analyse_need(asking),
                held if held and held.profile == telling else engine.analyse_profile(telling),
            )
        except Exception as error:
            raise NotInThePicture(repr(error)) from error

    def needs_of(self, organisation_id: UUID) -> list[UUID]:
        """The open needs this organisation has posted."""
        return [need_id for need_id, need in self._needs.items() if need.facts.organisation_id == organisation_id]

    def subscriptions_of(self, organisation_id: UUID) -> list[UUID]:
        return [key for key, known in self._subscriptions.items() if known.organisation_id == organisation_id]

    def _check(self, key: UUID) -> None:
        """Raises NotInThePicture, so that the event it is asked for goes to the dead letters with its reason."""
        if key in self._failed:
            raise NotInThePicture(self._failed[key])

    def _proposable(self, need_id: UUID) -> _OpenNeed | None:
        self._check(need_id)
        need = self._needs.get(need_id)
        return need if need is not None and self._may_act.get(need.facts.organisation_id) else None

    def _passed(self, subscription_id: UUID, need_id: UUID, need: _OpenNeed) -> Passed | None:
        known = self._subscriptions[subscription_id]
        if not self._may_act.get(known.organisation_id):
            return None
        words = engine.words_heard(need.analysed, known.record)
        return Passed(subscription_id, known.organisation_id, known.facts, need_id, need.facts, words)

    def _proposals(self, found: Sequence[engine.Scored]) -> list[Proposal]:
        pairs = [(UUID(one.need_id), UUID(one.organisation_id), one.micro) for one in found]
        return [Proposal(need, profile, self._versions[profile], score) for need, profile, score in pairs]


def _told(event: MemberAdmitted | MemberProfileChanged) -> KnownProfile:
    return KnownProfile(event.organisation_id, event.version, event.organisation)
