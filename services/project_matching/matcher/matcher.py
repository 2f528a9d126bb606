"""The part of the service that keeps the picture current and answers with it; one in each worker process.

No pair is missed: a reaction calls `catch_up` before it asks, so of any two events the later one is matched against
the earlier, whichever workers handle them. At the start the offsets of the group are noted first, then the picture is
loaded from the database, which holds at least what came before those offsets, then the topics are followed from there.
"""

import asyncio
import gc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar
from uuid import UUID

from common import metrics
from common.background import begin, end
from common.database import Database
from common.errors import Unavailable
from common.events import Event
from common.events.member_registry import OrganisationFacts
from common.events.project_matching import NeedFacts
from common.following import Follower
from common.kafka import committed_offsets
from common.kafka_faults import FAULTS
from common.service import Running
from common.telemetry import log
from project_matching.matcher.picture import Passed, Picture, Proposal
from project_matching.model.explanation import Explanation
from project_matching.store.needs import open_needs
from project_matching.store.profiles import profiles_in_pages
from project_matching.store.subscriptions import active_subscriptions

_TOPICS = ("member_registry", "project_matching")
_PATIENCE = 10.0
"""Seconds a reaction waits for the picture before its partition is held and tried again."""

P = ParamSpec("P")
T = TypeVar("T")


class Matcher:
    """Answers questions about pairs; the indexes live in one thread of their own."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.picture = Picture()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="matcher")
        self._current = asyncio.Event()
        self._follower: Follower | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def ready(self) -> bool:
        """Whether the picture is loaded and followed: before that nothing is matched."""
        return self._current.is_set()

    async def start(self, running: Running) -> None:
        """Begin to load and follow; requests are served meanwhile, reactions wait in `catch_up`."""
        settings = running.settings
        load = partial(self._begin, running.database, settings.kafka, group=settings.service, name=_name(running))
        self._tasks = [begin(load, "matcher")]

    async def stop(self) -> None:
        await end(self._tasks)
        if self._follower is not None:
            await self._follower.stop()
        self._thread.shutdown()
        self._forget()

    async def catch_up(self) -> None:
        """Return once all that is in the topics now is in the picture. Unavailable if that takes too long."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._current.wait()
                assert self._follower is not None
                await self._follower.catch_up(_PATIENCE)
        except FAULTS as error:
            log.warning("matcher_behind", error=repr(error))
            raise Unavailable from error

    async def organisations_for(self, *need_ids: UUID) -> list[Proposal]:
        return await self._each(self.picture.organisations_for, need_ids)

    async def needs_for(self, *organisation_ids: UUID) -> list[Proposal]:
        return await self._each(self.picture.needs_for, organisation_ids)

    async def subscriptions_for(self, *need_ids: UUID) -> list[Passed]:
        return await self._each(self.picture.subscriptions_for, need_ids)

    async def needs_under(self, *subscription_ids: UUID) -> list[Passed]:
        return await self._each(self.picture.needs_under, subscription_ids)

    async def account(
        self, need_id: UUID, need: NeedFacts, organisation_id: UUID, profile: OrganisationFacts
    ) -> tuple[int, Explanation] | None:
        """Why this pair is suggested, with its score in millionths; None if by these facts it is none any more."""
        return await self._in_thread(self.picture.account, need_id, need, organisation_id, profile)

    async def posted_by(self, *organisation_ids: UUID) -> tuple[list[UUID], list[UUID]]:
        """The open needs and the subscriptions of these organisations."""
        needs = await self._each(self.picture.needs_of, organisation_ids)
        return needs, await self._each(self.picture.subscriptions_of, organisation_ids)

    async def _each(self, question: Callable[[UUID], list[T]], keys: Sequence[UUID]) -> list[T]:
        return await self._in_thread(_answer_all, question, keys)

    async def _in_thread(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        call = partial(work, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _begin(self, database: Database, bootstrap: str, *, group: str, name: str) -> None:
        """Load and follow, however long database or broker keep us waiting."""
        while not self._current.is_set():
            follower = Follower(bootstrap=bootstrap, name=name, topics=_TOPICS, apply=self._apply)
            try:
                offsets = await committed_offsets(bootstrap, group)
                await self._load(database)
                await follower.start(offsets)
                self._follower = follower
                self._current.set()
            except Exception as error:  # whatever it is: without a picture nothing is matched, so it is tried again
                log.warning("matcher_waits", error=repr(error))
                await follower.stop()
                await asyncio.sleep(1)

    async def _apply(self, events: Sequence[Event]) -> None:
        await self._in_thread(self.picture.apply, events)

    async def _load(self, database: Database) -> None:
        organisations = 0
        async for page in profiles_in_pages(database):
            await self._in_thread(self.picture.load, organisations=page)
            organisations += len(page)
        needs, subscriptions = await open_needs(database), await active_subscriptions(database)
        await self._in_thread(self.picture.load, needs=needs, subscriptions=subscriptions)
        # All of this stays: looking through it for garbage would stop the process for a second at 100 000 profiles.
        gc.freeze()
        log.info("matcher_loaded", organisations=organisations, needs=len(needs), subscriptions=len(subscriptions))


def _answer_all(question: Callable[[UUID], list[T]], keys: Sequence[UUID]) -> list[T]:
    found: list[T] = []
    for key in keys:
        with metrics.match_seconds.time():
            found += question(key)
    return found


def _name(running: Running) -> str:
    return f"{running.service.name}-{running.settings.instance}"
