"""Gives each new suggestion its account, then tells of it: apart from matching, which must not wait for it.

An account takes several milliseconds where finding all pairs of a need takes one or two. The rows without an account
are the queue: nothing is forgotten when a process dies, and the workers share them.
"""

import asyncio
from contextlib import suppress
from functools import partial
from uuid import UUID

from common import telemetry
from common.background import begin, end
from common.database import Database, Transaction
from common.events.project_matching import MatchSuggested
from common.service import Running
from common.telemetry import log
from project_matching.matcher import Matcher, NotInThePicture
from project_matching.model.explanation import Explanation
from project_matching.model.facts import disclosed
from project_matching.model.need import Need
from project_matching.store.needs import needs_with_ids
from project_matching.store.profiles import KnownProfile, profiles_with_ids
from project_matching.store.suggestions import Unexplained, drop_suggestions, keep_explanations, take_unexplained

_AT_ONCE = 10
_HEAD_START = 0.1
"""Seconds that what was found together with the suggestions, hits of subscriptions above all, goes ahead of them."""
_REST = 0.007
"""Seconds of rest after each account, about twice its own time: what people wait for finds the processor free."""
_NET = 2.0
"""Seconds between looks at what another worker, or an earlier life of this one, may have left."""


class Explainer:
    """A part of the service: works off what waits, woken by the matching of its own process."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._waiting = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def wake(self) -> None:
        """There is something to explain."""
        self._waiting.set()

    async def start(self, running: Running) -> None:
        self._tasks = [begin(partial(self._run, running.database), "explainer")]

    async def stop(self) -> None:
        await end(self._tasks)

    async def _run(self, database: Database) -> None:
        while True:
            try:
                self._waiting.clear()
                while await self._explain_some(database):
                    pass
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._waiting.wait(), _NET)
                    await asyncio.sleep(_HEAD_START)
            except Exception as error:  # the rows are still there; whatever it was, they are tried again
                log.warning("explaining_interrupted", error=repr(error))
                await asyncio.sleep(1)

    async def _explain_some(self, database: Database) -> int:
        """Explain and tell of some suggestions, the best first; how many."""
        async with database.transaction(actor="service:project_matching") as tx:
            waiting = await take_unexplained(tx, _AT_ONCE)
            if waiting:
                await explain(tx, self._matcher, waiting)
            return len(waiting)


async def explain(tx: Transaction, matcher: Matcher, waiting: list[Unexplained]) -> None:
    """The accounts of these, kept and told, each within the trace it followed from."""
    needs = {need.id: need for need in await needs_with_ids(tx, {one.need_id for one in waiting})}
    known = await profiles_with_ids(tx, {one.organisation_id for one in waiting})
    profiles = {profile.organisation_id: profile for profile in known}
    explained: list[tuple[Unexplained, int, Explanation]] = []
    pointless: list[UUID] = []
    for one in waiting:
        profile = profiles[one.organisation_id]
        facts = disclosed(needs[one.need_id])
        try:
            account = await matcher.account(one.need_id, facts, profile.organisation_id, profile.facts)
        except NotInThePicture as error:  # by now the engine cannot bear one side; the others must not wait for it
            log.error("not_explained", suggestion_id=str(one.id), exc_info=error)
            account = None
        await asyncio.sleep(_REST)
        if account is None:
            pointless.append(one.id)
        else:
            explained.append((one, *account))
    await drop_suggestions(tx, pointless)
    await keep_explanations(tx, [(one.id, score, why) for one, score, why in explained])
    for one, score, why in explained:
        with telemetry.continued(one.trace, "explain", kind="internal"):
            tx.publish(_suggested(tx, one.id, needs[one.need_id], profiles[one.organisation_id], score, why))


def _suggested(
    tx: Transaction, suggestion_id: UUID, need: Need, profile: KnownProfile, score: int, why: Explanation
) -> MatchSuggested:
    return MatchSuggested.model_validate(
        {
            "version": 1,
            "at": tx.now,
            "suggestion_id": suggestion_id,
            "need_id": need.id,
            "need_organisation_id": need.organisation_id,
            "need_title": need.content.title,
            "need_record": need.content.record,
            "organisation_id": profile.organisation_id,
            "organisation_name": profile.facts.name,
            "organisation_kind": profile.facts.kind,
            "organisation_record": profile.facts.record,
            "score": score / 1_000_000,
            "facets": why.facets,
            "words": why.told_words(),
            "engine": f"{why.engine}/{why.statistics}",
        }
    )
