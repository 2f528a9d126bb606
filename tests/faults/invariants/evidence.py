"""Everything that is judged, read once: the databases, the topics, and what clients swear to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import TopicPartition

from common.database import set_codecs
from common.events import Event, decode, event_types
from common.kafka import dead_letter_topic, start_reader, stop, text_headers
from common.reactions import Dispatch
from common.serving import load
from deploy.services import all_services
from tests.faults.load.journal import Answered, Read, read

PUBLISHERS = tuple(service.name for service in all_services() if service.publishes)


@dataclass(frozen=True)
class Places:
    """Where to look."""

    database: str
    """A superuser's URL of the database that all schemas lie in."""
    bootstrap: str
    journal: Path


@dataclass(frozen=True)
class Fact:
    """An event as its producer's database keeps it."""

    id: UUID
    aggregate: UUID
    version: int
    type: str
    payload: str


@dataclass(frozen=True)
class Record:
    """An event as it lies in the topic; None where it cannot be read."""

    topic: str
    partition: int
    offset: int
    id: UUID
    actor: str
    event: Event | None

    @property
    def origin(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass
class Evidence:
    """What was found; `wanted` says which event types a service reacts to."""

    places: Places
    committed: dict[str, list[Fact]] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    dead_letters: dict[str, set[str]] = field(default_factory=dict)
    """Where the dead letters of each service come from: topic/partition/offset."""
    inbox: dict[str, set[UUID]] = field(default_factory=dict)
    applied: dict[str, dict[UUID, int]] = field(default_factory=dict)
    answered: list[Answered] = field(default_factory=list)
    read: list[Read] = field(default_factory=list)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def first_records(self) -> list[Record]:
        """Each event where it stands first in its topic, in the order of the partitions."""
        seen: dict[UUID, Record] = {}
        for record in self.records:
            seen.setdefault(record.id, record)
        return list(seen.values())

    def events_of(self, event_class: type[Event]) -> list[Any]:
        """All committed events of a type."""
        facts = self.committed[event_class.producer]
        return [decode(event_class, fact.payload.encode()) for fact in facts if fact.type == event_class.type]

    def wanted_by(self, service: str) -> list[Record]:
        """The events of the topics that a service reacts to."""
        dispatch = dispatch_of(service)
        there = [r for r in self.first_records if r.event and r.topic in dispatch.topics]
        return [r for r in there if r.event and dispatch.wants(r.event.type)]


def dispatch_of(service: str) -> Dispatch:
    """The wiring of a service as its process has it."""
    return Dispatch(load(service).wiring)


_TABLES = {
    "need": "SELECT id, version, state, organisation_id, title_en FROM project_matching.need",
    "subscription": "SELECT id, version, name_en FROM project_matching.subscription",
    "suggestion": "SELECT id, version, need_id, organisation_id, explanation IS NOT NULL AS told"
    " FROM project_matching.suggestion",
    "hit": "SELECT id, subscription_id, need_id FROM project_matching.hit",
    "organisation": "SELECT organisation_id AS id, version, name_en FROM member_registry.organisation",
    "item": "SELECT subscriber_id, number, item_id, source_id, source_version, kind, subject_type, subject_id, title_zh"
    " FROM feeds.item",
    "subscriber": "SELECT organisation_id, last_number FROM feeds.subscriber",
    "slot": "SELECT slot_name FROM pg_replication_slots",
}


async def gather(places: Places) -> Evidence:
    """Read all of it, past every proxy."""
    found = Evidence(places)
    found.answered, found.read = read(places.journal)
    connection = await asyncpg.connect(places.database)
    try:
        await set_codecs(connection)
        for service in PUBLISHERS:
            await _of_service(connection, service, found)
        for name, sql in _TABLES.items():
            found.tables[name] = [dict(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()
    await _of_topics(found)
    return found


async def _of_service(connection: Any, service: str, found: Evidence) -> None:
    columns = "id, aggregateid, version, type, payload"
    rows = await connection.fetch(
        f"SELECT {columns} FROM {service}.published UNION ALL SELECT {columns} FROM {service}.outbox"
    )
    found.committed[service] = [Fact(*row) for row in rows]
    found.waiting[service] = await connection.fetchval(f"SELECT count(*) FROM {service}.outbox")
    found.inbox[service] = {row[0] for row in await connection.fetch(f"SELECT event_id FROM {service}.inbox")}
    rows = await connection.fetch(f"SELECT aggregate_id, version FROM {service}.applied_version")
    found.applied[service] = {row[0]: row[1] for row in rows}


async def _of_topics(found: Evidence) -> None:
    for service in PUBLISHERS:
        found.records += [_record(one) for one in await records_of(found.places.bootstrap, service)]
    for service in PUBLISHERS:
        letters = await records_of(found.places.bootstrap, dead_letter_topic(service))
        found.dead_letters[service] = {text_headers(letter)["dead_from"] for letter in letters}


async def records_of(bootstrap: str, topic: str) -> list[Any]:
    """All that lies in a topic now, partition by partition."""
    reader = await start_reader(bootstrap, "judge")
    try:
        await reader._client.force_metadata_update()
        reader._client.add_topic(topic)
        await reader._client.force_metadata_update()
        partitions = [TopicPartition(topic, number) for number in sorted(reader.partitions_for_topic(topic) or ())]
        reader.assign(partitions)
        begins, ends = await reader.beginning_offsets(partitions), await reader.end_offsets(partitions)
        for partition in partitions:
            reader.seek(partition, begins[partition])
        by_partition: Mapping[TopicPartition, list[Any]] = defaultdict(list)
        reached = dict(begins)
        while any(reached[partition] < ends[partition] for partition in partitions):
            for partition, records in (await reader.getmany(timeout_ms=1000)).items():
                by_partition[partition].extend(records)
                reached[partition] = records[-1].offset + 1
        return [record for partition in partitions for record in by_partition[partition]]
    finally:
        await stop(reader)


def _record(record: Any) -> Record:
    headers = text_headers(record)
    try:
        event = decode(event_types()[headers["ce_type"]], record.value or b"")
        identity = UUID(headers["ce_id"])
    except (KeyError, ValueError):
        event, identity = None, UUID(int=hash((record.topic, record.partition, record.offset)) % 2**128)
    actor = headers.get("ce_actor", "unknown")
    return Record(record.topic, record.partition, record.offset, identity, actor, event)


def some(things: Iterable[object], most: int = 3) -> str:
    """The first few, for a message."""
    shown: Sequence[object] = list(things)
    return ", ".join(map(str, shown[:most])) + (f" and {len(shown) - most} more" if len(shown) > most else "")
