"""`seek`: another position for a service that does not run; what it reads again has no second effect."""

from collections.abc import Mapping
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from common.kafka import replay_topic, stop
from common.reactions import Dispatch
from common.reading import Reading, reading
from common.serving import load
from deploy.operate.groups import group_of
from deploy.operate.place import Place, check_service
from deploy.words import Told, Words


async def seek(
    place: Place,
    service: str,
    topic: str,
    *,
    partition: int | None = None,
    offset: int | None = None,
    time: datetime | None = None,
) -> dict[TopicPartition, int]:
    """Let a service go on at an offset, or at the first record from a time on; the new positions.

    Failure when the service may be running, does not read the topic, or the log does not reach from or to there.
    """
    check_service(service)
    _check_reads(service, topic)
    await check_stopped(place, service)
    async with reading(place.kafka, topic) as log:
        if time is not None:
            await log.start_at_time(time)
            found = {p: position for p, position in log.next.items() if partition in (None, p.partition)}
        else:
            found = {p: int(offset or 0) for p in log.partitions if partition in (None, p.partition)}
        await _check_inside(log, found)
    if not found:
        raise Told(Words(f"{topic} 没有分区 {partition}。", f"{topic} has no partition {partition}."))
    await place_group(place, service, found)
    return found


async def place_group(place: Place, service: str, offsets: Mapping[TopicPartition, int]) -> None:
    """Commit these offsets for a group without members; the broker refuses it for a group that has some."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=place.kafka, group_id=service, enable_auto_commit=False, auto_offset_reset="none"
    )
    await consumer.start()
    try:
        consumer.assign(list(offsets))
        await consumer.commit(dict(offsets))
    finally:
        await stop(consumer)


async def check_stopped(place: Place, service: str) -> None:
    """Failure while the group of this service has members."""
    group = await group_of(place, service)
    if group.active:
        raise Told(
            Words(
                f"{service} 正在运行（成员 {group.members}）。先停止它；被强行终止的进程 30 秒后才算离开。",
                f"{service} is running ({group.members} members, {group.state}). Stop it first; a process that was"
                " killed counts as a member for 30 seconds.",
            )
        )


def _check_reads(service: str, topic: str) -> None:
    wiring = load(service).wiring
    topics = (*Dispatch(wiring).topics, replay_topic(service)) if wiring else ()
    if topic not in topics:
        raise Told(
            Words(
                f"{service} 不读取 {topic}；它读取：{'、'.join(topics) or '无'}。",
                f"{service} does not read {topic}; it reads: {', '.join(topics) or 'nothing'}.",
            )
        )


async def _check_inside(log: Reading, wanted: Mapping[TopicPartition, int]) -> None:
    begins, ends = await log.begins(), await log.ends()
    for partition, offset in wanted.items():
        if not begins[partition] <= offset <= ends[partition]:
            raise Told(
                Words(
                    f"{partition.topic}:{partition.partition} 的记录为 {begins[partition]} 至 {ends[partition]}，"
                    f"没有 {offset}。",
                    f"{partition.topic}:{partition.partition} reaches from {begins[partition]} to {ends[partition]};"
                    f" {offset} is not there.",
                )
            )
