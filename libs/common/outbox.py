"""A fact on its way: an event as a row of the outbox, a row as a Kafka record (CloudEvents 1.0, binary mode)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from common import telemetry
from common.batches import Record
from common.errors import TooLarge
from common.events import Event
from common.ids import new_id
from common.text import Bilingual

LARGEST_RECORD = 1_000_000
"""Bytes; below the topics' max.message.bytes, because one refused record would poison an idempotent producer."""

_ALWAYS = (("content-type", b"application/json"), ("ce_specversion", b"1.0"))


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An event with its envelope, as the outbox keeps it."""

    id: UUID
    aggregate_type: str
    aggregate_id: UUID
    version: int
    type: str
    payload: str
    headers: dict[str, str]

    @classmethod
    def of(cls, event: Event, *, actor: str) -> "OutboxRow":
        """Raises TooLarge when the event would not fit a Kafka record."""
        payload = event.model_dump_json()
        if len(payload) * 3 > LARGEST_RECORD and len(payload.encode()) > LARGEST_RECORD:
            raise TooLarge(
                Bilingual(
                    zh=f"内容合计超过 {LARGEST_RECORD // 1000} kB，请缩短文字或减少条目。",
                    en=f"All in all more than {LARGEST_RECORD // 1000} kB: shorten texts or remove entries.",
                )
            )
        headers = {"time": event.at.isoformat(), "actor": actor, **telemetry.outgoing_context()}
        return cls(new_id(), event.aggregate_type, event.aggregate_id, event.version, event.type, payload, headers)

    def columns(self) -> tuple[Any, ...]:
        return (
            self.id,
            self.aggregate_type,
            self.aggregate_id,
            self.version,
            self.type,
            self.payload,
            self.headers,
        )


def as_record(row: Mapping[str, Any], source: str, trace: Mapping[str, str] | None = None) -> Record:
    """A row of the outbox as a Kafka record (Kafka protocol binding of CloudEvents 1.0.2, binary mode).

    The trace is that of the row unless another is given.
    """
    kept = row["headers"]
    aggregate = str(row["aggregateid"]).encode()
    headers = [
        *_ALWAYS,
        ("ce_id", str(row["id"]).encode()),
        ("ce_source", f"/{source}".encode()),
        ("ce_type", row["type"].encode()),
        ("ce_time", kept["time"].encode()),
        ("ce_subject", aggregate),
        ("ce_partitionkey", aggregate),
        ("ce_aggregateversion", str(row["version"]).encode()),
        ("ce_actor", kept["actor"].encode()),
    ]
    trace = kept if trace is None else trace
    headers += [(name, trace[name].encode()) for name in ("traceparent", "tracestate") if name in trace]
    return Record(row["payload"].encode(), aggregate, headers)
