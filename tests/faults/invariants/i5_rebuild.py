"""I5: copies rebuilt from the topics into a second database, the match index too, equal the ones in use."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import asyncpg

from common.database import Database, Transaction, set_codecs
from common.events import Event
from common.inbox import Received, take_new
from common.reactions import Dispatch, On
from common.serving import load
from deploy.setup.database import at_database
from tests.faults.invariants.evidence import PUBLISHERS, Evidence
from tests.faults.invariants.finding import Finding
from tests.faults.invariants.pairs import index_alike

Row: TypeAlias = tuple[Any, ...]

SECOND = "rebuilt"
_ACCESS = ("access_account", "access_organisation", "access_affiliation", "access_api_key", "signing_key")
_COPIES = {
    "member_registry": (*_ACCESS, "applied_version"),
    "project_matching": (*_ACCESS, "applied_version", "profile"),
    "feeds": (*_ACCESS, "applied_version"),
}
_ITEMS = """
SELECT subscriber_id, source_id, source_version, kind, at, title_zh, title_en, summary_zh, summary_en, subject_type,
       subject_id, record, score, words, facets, subscription
FROM feeds.item WHERE NOT (kind = 'match_suggested' AND subject_type = 'need')
"""
"""Without what depends on when a reader looked: numbers, ids, and which suggestions a poster was told of together."""


async def rebuilt_alike(evidence: Evidence) -> Finding:
    """Needs a second database with the same schemas (`prepare`), whose contents are replaced."""
    found = Finding("I5", "rebuilt from the topics, copies and index equal those in use")
    second = at_database(evidence.places.database, SECOND)
    for service in PUBLISHERS:
        await _rebuild(second, service, evidence)
    for service, tables in _COPIES.items():
        for table in tables:
            await _compare(
                evidence.places.database, second, f"{service}.{table}", f"SELECT * FROM {service}.{table}", found
            )
    await _compare(evidence.places.database, second, "feeds.item", _ITEMS, found)
    await index_alike(evidence, found)
    return found


async def _rebuild(url: str, service: str, evidence: Evidence) -> None:
    """All copies of a service from all events it reacts to, in the order of the topics; decisions are not repeated."""
    database = await Database.connect(url, schema=service, name="rebuild", size=2)
    try:
        rows = [row if _is_copy(row) else On(row.event, _nothing, row.many) for row in load(service).wiring]
        dispatch = Dispatch(rows)
        wanted = evidence.wanted_by(service)
        for start in range(0, len(wanted), 500):
            async with database.transaction(actor="rebuild") as tx:
                batch = [Received(r.id, r.event, r.actor, {}, r) for r in wanted[start : start + 500] if r.event]
                await dispatch.run(tx, await take_new(tx, batch))
    finally:
        await database.close()


def _is_copy(row: On) -> bool:
    return row.reaction.__name__.startswith("copy_") or row.reaction.__module__.startswith("feeds.")


async def _nothing(tx: Transaction, told: Event | Sequence[Event]) -> None:
    """In place of a decision, which is a source of its own."""


async def _compare(first: str, second: str, name: str, sql: str, found: Finding) -> None:
    here, there = sorted(await _rows(first, sql), key=repr), sorted(await _rows(second, sql), key=repr)
    found.counts[name] = len(here)
    if here != there:
        only_here = [row for row in here if row not in there]
        only_there = [row for row in there if row not in here]
        shown = f"{len(only_here)} only in use, {len(only_there)} only rebuilt"
        found.wrong.append(f"{name}: {shown}: {str((only_here + only_there)[:1])[:300]}")


async def _rows(url: str, sql: str) -> list[Row]:
    connection = await asyncpg.connect(url)
    try:
        await set_codecs(connection)
        return [tuple(map(str, row)) for row in await connection.fetch(sql)]
    finally:
        await connection.close()
