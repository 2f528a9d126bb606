"""The hub: who listens for which subscriber in this process, and what is new for them, read in order from the lists."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from common.background import begin, end
from common.database import DATABASE_FAULTS, Database
from common.events.base import Event
from common.events.feeds import FeedItemAdded
from common.following import Follower
from common.http.connection import chunk_of
from common.kafka_faults import FAULTS
from common.service import Running
from common.telemetry import log
from feeds import news
from feeds.admission import Admission
from feeds.channel import Channel, Pull
from feeds.listener import Listener
from feeds.rights import Rights
from feeds.store import items_beyond, subscribers_beyond

PAGE = 100
"""Items of one subscriber read at a time."""
TICK = 0.5
"""Seconds between looks at rights, silence and slow readers: a lost right ends a stream within a second."""
NET = 2.0
"""Seconds between looks at the table that find what no wake announced."""
HEARTBEAT = 15.0
"""Seconds of silence after which a listener is told that the stream is alive."""
_STILL_HERE = chunk_of(b": still here\n\n")


class Hub:
    """A wake only ever means "look at the list": it may come twice, and the net replaces one that was lost."""

    def __init__(self, admission: Admission | None = None) -> None:
        self.admission = admission or Admission()
        self._channels: dict[UUID, Channel] = {}
        self._listeners: set[Listener] = set()
        self._dirty: set[UUID] = set()
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, running: Running) -> None:
        """Begin to read; items written by other processes of this service are heard of through its own topic."""
        self._database: Database = running.database
        self._rights = Rights(running.access)
        self.admission.make_room()
        self._unlisten = news.listen(self.wake)
        self._follower = Follower(
            bootstrap=running.settings.kafka,
            name=f"feeds-{running.settings.instance}",
            topics=["feeds"],
            apply=self._heard,
            only_new=True,
        )
        self._tasks = [begin(work, f"hub {work.__name__}") for work in (self._read, self._watch, self._follow)]

    async def stop(self) -> None:
        """End what is still open and stop reading."""
        self._unlisten()
        for listener in self._listeners:
            listener.ending()
        for channel in self._channels.values():
            channel.answer()
        await end(self._tasks)
        await self._follower.stop()

    def wake(self, reached: Mapping[UUID, int]) -> None:
        """These subscribers have items up to these numbers; nothing happens where nobody listens."""
        self._look(
            subscriber_id
            for subscriber_id, number in reached.items()
            if (channel := self._channels.get(subscriber_id)) is not None and channel.last < number
        )

    def opened(self, listener: Listener) -> None:
        """A stream has begun: from now on its rights and its pace are watched."""
        self._listeners.add(listener)

    def joined(self, listener: Listener) -> bool:
        """Go on live after `listener.sent`, or False if newer items have been offered to others: read those first."""
        channel = self._channel(listener.subscriber_id, listener.sent)
        if listener.sent < channel.last:
            return False
        channel.listeners.add(listener)
        return True

    def left(self, listener: Listener) -> None:
        """A stream has ended."""
        self._listeners.discard(listener)
        if channel := self._channels.get(listener.subscriber_id):
            channel.listeners.discard(listener)
            self._tidy(listener.subscriber_id, channel)

    async def changed(self, subscriber_id: UUID, after: int, seconds: float, pull: Pull) -> None:
        """Return once the subscriber has items after this number, which was its last, or when the pull is over."""
        channel = self._channel(subscriber_id, after)
        channel.pulls.add(pull)
        try:
            if channel.last == after:
                await asyncio.wait([pull.answered], timeout=seconds)
        finally:
            channel.pulls.discard(pull)
            self._tidy(subscriber_id, channel)

    def _channel(self, subscriber_id: UUID, last: int) -> Channel:
        """The subscriber's channel; a new one is looked at once, for what was told before anybody could be woken."""
        if subscriber_id not in self._channels:
            self._channels[subscriber_id] = Channel(last)
            self._look([subscriber_id])
        return self._channels[subscriber_id]

    def _tidy(self, subscriber_id: UUID, channel: Channel) -> None:
        if channel.empty and self._channels.get(subscriber_id) is channel:
            del self._channels[subscriber_id]

    def _look(self, subscriber_ids: Iterable[UUID]) -> None:
        self._dirty.update(subscriber_ids)
        if self._dirty:
            self._woken.set()

    async def _read(self) -> None:
        """Offer what is new to all woken subscribers' listeners, with one query for all."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            dirty, self._dirty = self._dirty, set()
            try:
                self._look(await self._offer(dirty))
            except DATABASE_FAULTS as error:
                log.warning("hub_cannot_read", error=repr(error))
                await asyncio.sleep(0.5)
                self._look(dirty)

    async def _offer(self, dirty: set[UUID]) -> list[UUID]:
        """Offer a page to each; returns those who may have more."""
        channels = {found: channel for found in dirty if (channel := self._channels.get(found))}
        if not channels:
            return []
        rows = await items_beyond(self._database, {found: channel.last for found, channel in channels.items()}, PAGE)
        many = Counter(row["subscriber_id"] for row in rows)
        await self._rights.confirm_before_push([one for found in many for one in channels[found].listeners])
        for row in rows:
            channels[row["subscriber_id"]].push(row)
        return [found for found, count in many.items() if count == PAGE]

    async def _watch(self) -> None:
        """Again and again: rights, heartbeats, readers that are stuck; and now and then the net."""
        looked_at = 0.0
        while True:
            await asyncio.sleep(TICK)
            self._beat()
            try:
                await self._rights.confirm_in_turn(self._listeners)
                if self._channels and time.monotonic() - looked_at >= NET:
                    looked_at = time.monotonic()
                    reached = {found: channel.last for found, channel in self._channels.items()}
                    self._look(await subscribers_beyond(self._database, reached))
            except DATABASE_FAULTS as error:
                log.warning("hub_cannot_watch", error=repr(error))

    def _beat(self) -> None:
        silent_since = time.monotonic() - HEARTBEAT
        for listener in self._listeners:
            if listener.stuck:
                listener.drop()
            elif listener.wrote < silent_since:
                listener.offer(_STILL_HERE)

    async def _follow(self) -> None:
        while True:
            try:
                return await self._follower.start()
            except FAULTS as error:
                log.debug("hub_waits_for_broker", error=repr(error))
                await asyncio.sleep(2)

    async def _heard(self, events: Sequence[Event]) -> None:
        self.wake({event.subscriber_id: event.number for event in events if isinstance(event, FeedItemAdded)})
