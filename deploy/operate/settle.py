"""After a restore: databases are older than the topics; what each service reads and says has to fit them again.

A reader begins where it was at the time of the backup: what came since returns from the topics, once. A service whose
own rows are older than its own topic must not say less than it has said: its rows get the last version the topic
knows, so that readers take the next change for what it is. What it said since the backup and does not know any more is
named, for people to look at; it cannot be made again from events, which carry less than rows do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from common.kafka import replay_topic, text_headers
from common.reactions import Dispatch
from common.reading import reading
from common.serving import load
from deploy.operate.backup import Positions
from deploy.operate.place import Place
from deploy.operate.seek import check_stopped, place_group
from deploy.services import all_services

_KEYED = """
SELECT relname, attname,
       EXISTS (SELECT FROM pg_attribute v WHERE v.attrelid = c.oid AND v.attname = 'version') AS versioned
FROM pg_class c JOIN pg_index ON indrelid = c.oid AND indisprimary AND indnatts = 1
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = indkey[0] AND a.atttypid = 'uuid'::regtype
WHERE c.relnamespace = $1::regnamespace AND relname = ANY($2)
"""


@dataclass(frozen=True)
class Lost:
    """A thing that changed after the backup: what it is now is older than what was said of it, or it is not there."""

    service: str
    kind: str
    id: UUID
    version: int
    there: bool


@dataclass(frozen=True)
class Settled:
    """How many partitions of each service go back to where they were, and what people have to look at."""

    rewound: Mapping[str, int]
    lost: tuple[Lost, ...]


async def settle(place: Place, positions: Positions) -> Settled:
    """Every service must be stopped. May be repeated. Failure when one runs."""
    names = [service.name for service in all_services()]
    for name in names:
        await check_stopped(place, name)
    rewound = {name: await _rewind(place, name, positions.get(name, {})) for name in names}
    lost: list[Lost] = []
    for service in all_services():
        if service.publishes:
            lost += await _raise_versions(place, service.name)
    return Settled(rewound, tuple(lost))


async def _rewind(place: Place, service: str, positions: Mapping[str, int]) -> int:
    """Back to where it was, or to the beginning where that is not known or not in the log."""
    wiring = load(service).wiring
    if not wiring:
        return 0
    async with reading(place.kafka, *Dispatch(wiring).topics, replay_topic(service)) as log:
        begins, ends = await log.begins(), await log.ends()
    wanted = {p: positions.get(f"{p.topic}:{p.partition}", begin) for p, begin in begins.items()}
    inside = {p: offset if begins[p] <= offset <= ends[p] else begins[p] for p, offset in wanted.items()}
    await place_group(place, service, inside)
    return len(inside)


async def _raise_versions(place: Place, service: str) -> list[Lost]:
    said = await _last_said(place, service)
    async with place.connection(service) as connection:
        tables = await connection.fetch(_KEYED, service, list(load(service).owns))
        changed: set[UUID] = set()
        known: set[UUID] = set()
        for table in tables:
            rows = await connection.fetch(
                f"SELECT {table['attname']} AS id FROM {table['relname']} WHERE {table['attname']} = ANY($1)",
                list(said),
            )
            known |= {row["id"] for row in rows}
            if table["versioned"]:
                changed |= await _raise(connection, table, said)
    if not any(table["versioned"] for table in tables):
        return []
    return [
        Lost(service, kind, key, version, key in known)
        for key, (kind, version) in said.items()
        if key in changed or key not in known
    ]


async def _raise(connection: Any, table: Any, said: Mapping[UUID, tuple[str, int]]) -> set[UUID]:
    rows = await connection.fetch(
        f"UPDATE {table['relname']} AS t SET version = s.version"
        f" FROM unnest($1::uuid[], $2::int[]) AS s (id, version)"
        f" WHERE t.{table['attname']} = s.id AND t.version < s.version RETURNING s.id",
        list(said),
        [version for _, version in said.values()],
    )
    return {row["id"] for row in rows}


async def _last_said(place: Place, service: str) -> dict[UUID, tuple[str, int]]:
    """For each aggregate of a service's topic: the type of its last event, and its version."""
    said: dict[UUID, tuple[str, int]] = {}
    async with reading(place.kafka, service) as topic:
        async for batch in topic.to_the_end():
            _take(said, batch)
    return said


def _take(said: dict[UUID, tuple[str, int]], records: Sequence[Any]) -> None:
    for headers in map(text_headers, records):
        try:
            key, version = UUID(headers["ce_subject"]), int(headers["ce_aggregateversion"])
        except (KeyError, ValueError):
            continue
        if version > said.get(key, ("", 0))[1]:
            said[key] = (headers["ce_type"].removeprefix(f"org.alliance.{_service_of(headers)}."), version)


def _service_of(headers: Mapping[str, str]) -> str:
    """The service that sent a record."""
    return headers.get("ce_source", "").removeprefix("/")
