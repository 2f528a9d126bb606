"""Dead letters as they stand in `<service>.dead`: what could not be processed, why, and what came of it since.

The topic is only ever added to. What an operator did is a record of its own that names the letter by its number, with
who, when and why: the history of a letter is in the topic and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from common.kafka import dead_letter_topic, text_headers
from common.reading import reading
from deploy.operate.place import Place

ADDED = ("dead_reason", "dead_stack", "dead_from")
ABOUT, OUTCOME, WHY = "dead_about", "dead_outcome", "dead_why"


class State(StrEnum):
    """What is to be done about a letter."""

    waiting = "waiting"
    replayed = "replayed"
    dropped = "dropped"
    done = "done"  # its event has had its effect by another way
    superseded = "superseded"  # the reader has applied a later version: a replay would be left out


@dataclass(frozen=True)
class Letter:
    """One record that was given up. `number`: its place in the dead letters; `origin`: topic/partition/offset."""

    number: int
    state: State
    at: datetime
    origin: str
    reason: str
    stack: str
    headers: Mapping[str, str]
    note: str
    record: Any

    @property
    def event_id(self) -> UUID | None:
        return _uuid(self.headers.get("ce_id"))


async def letters(place: Place, service: str) -> list[Letter]:
    """All letters of a service, the oldest first."""
    records: list[Any] = []
    async with reading(place.kafka, dead_letter_topic(service)) as topic:
        async for batch in topic.to_the_end():
            records += batch
    outcomes = {int(h[ABOUT]): h for record in records if ABOUT in (h := text_headers(record))}
    buried = [record for record in records if ABOUT not in text_headers(record)]
    ids = [known for record in buried if (known := _uuid(text_headers(record).get("ce_id")))]
    keys = [known for record in buried if (known := _uuid(text_headers(record).get("ce_subject")))]
    async with place.connection(service) as connection:
        rows = await connection.fetch("SELECT event_id FROM inbox WHERE event_id = ANY($1)", ids)
        versions = await connection.fetch("SELECT * FROM applied_version WHERE aggregate_id = ANY($1)", keys)
    seen = {row["event_id"] for row in rows}
    applied = {str(row["aggregate_id"]): row["version"] for row in versions}
    return [_letter(record, outcomes.get(record.offset, {}), seen, applied) for record in buried]


def _letter(record: Any, outcome: Mapping[str, str], seen: set[UUID], applied: Mapping[str, int]) -> Letter:
    headers = text_headers(record)
    if outcome:
        state = State(outcome[OUTCOME])
    elif _uuid(headers.get("ce_id")) in seen:
        state = State.done
    elif _version(headers) <= applied.get(headers.get("ce_subject", ""), 0):
        state = State.superseded
    else:
        state = State.waiting
    return Letter(
        number=record.offset,
        state=state,
        at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        origin=headers.get("dead_from", ""),
        reason=headers.get("dead_reason", ""),
        stack=headers.get("dead_stack", ""),
        headers={name: value for name, value in headers.items() if name not in ADDED},
        note=outcome.get(WHY, ""),
        record=record,
    )


def _version(headers: Mapping[str, str]) -> int:
    text = headers.get("ce_aggregateversion", "")
    return int(text) if text.isdigit() else 1_000_000_000


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
