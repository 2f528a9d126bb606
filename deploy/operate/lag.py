"""`lag`: how far each service is behind, what it has not sent yet, what it holds and what it gave up."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from common.http.health import OUTBOX
from common.kafka import dead_letter_topic, replay_topic
from common.reactions import Dispatch
from common.reading import reading
from common.serving import load
from deploy.operate.groups import Group, group_of
from deploy.operate.place import Place
from deploy.services import Service, all_services


@dataclass(frozen=True)
class PartitionLag:
    """A partition a service reads: the next offset it has committed (None: not begun), where the log begins and ends.

    `reason`: why it is held, if its consumer said so; `stuck`: it has something to read and did not move while looked
    at twice.
    """

    partition: TopicPartition
    committed: int | None
    begin: int
    end: int
    stuck: bool
    reason: str

    @property
    def lag(self) -> int:
        """Records it has yet to deal with; all of them where its position is outside of the log."""
        inside = self.committed is not None and self.begin <= self.committed <= self.end
        return self.end - (self.committed if inside and self.committed is not None else self.begin)

    @property
    def beyond_end(self) -> bool:
        """The log was cut below its position: its consumer begins again as soon as it looks."""
        return self.committed is not None and self.committed > self.end


@dataclass(frozen=True)
class ServiceLag:
    """One service; `dead` counts all letters ever buried, `deploy.operate dead list` tells which still wait."""

    service: str
    members: int
    outbox_rows: int
    outbox_age: float
    dead: int
    partitions: tuple[PartitionLag, ...]


async def lag(place: Place, *, seconds: float = 3.0, services: Sequence[Service] = ()) -> list[ServiceLag]:
    """All services (or these), looked at twice, `seconds` apart, to see what moves."""
    chosen = [service.name for service in services or all_services()]
    before = {name: await group_of(place, name) for name in chosen}
    await asyncio.sleep(seconds)
    return [await _of(place, name, before[name]) for name in chosen]


async def _of(place: Place, service: str, before: Group) -> ServiceLag:
    wiring = load(service).wiring
    topics = [*Dispatch(wiring).topics, replay_topic(service)] if wiring else []
    async with reading(place.kafka, *topics, dead_letter_topic(service)) as log:
        begins, ends = await log.begins(), await log.ends()
    now = await group_of(place, service)
    dead = TopicPartition(dead_letter_topic(service), 0)
    async with place.connection(service) as connection:
        outbox = await connection.fetchrow(OUTBOX)
    partitions = [_partition(p, before, now, begins[p], end) for p, end in sorted(ends.items()) if p != dead]
    return ServiceLag(service, now.members, outbox["rows"], outbox["age"], ends[dead] - begins[dead], tuple(partitions))


def _partition(partition: TopicPartition, before: Group, now: Group, begin: int, end: int) -> PartitionLag:
    was, known = before.offsets.get(partition), now.offsets.get(partition)
    committed = known.offset if known else None
    waits = end > (committed if committed is not None else begin)
    moved = (was.offset if was else None) != committed
    return PartitionLag(partition, committed, begin, end, waits and not moved, known.metadata if known else "")
