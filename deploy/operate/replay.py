"""Events applied once more, from the first on, to a schema of their own; with what was noticed on the way."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from common.database import RETRYABLE, Database
from common.inbox import received_in, take_new
from common.kafka import text_headers
from common.reactions import Dispatch
from common.telemetry import log


class Replay:
    """Runs reactions as the consumer does: in batches, one by one where a batch fails."""

    def __init__(self, database: Database, dispatch: Dispatch) -> None:
        self._database = database
        self._dispatch = dispatch
        self._versions: dict[str, int] = {}
        self._with_gaps: set[str] = set()
        self.events = 0
        self.failed = 0
        """Records that cannot be read or whose reaction fails: they are, or should be, dead letters."""

    @property
    def incomplete(self) -> int:
        """Aggregates that lack a version: every change raises it by one and is in the topic (decision 0002)."""
        return len(self._with_gaps)

    async def apply(self, records: Sequence[Any]) -> None:
        self._look_for_gaps(records)
        try:
            await self._effects(records)
        except RETRYABLE:
            raise
        except Exception:  # whatever it was: the records are now tried one by one
            for record in records:
                await self._single(record)

    async def _single(self, record: Any) -> None:
        try:
            await self._effects([record])
        except RETRYABLE:
            raise
        except Exception as error:  # counted and told; the operator decides
            self.failed += 1
            log.warning("not_replayed", topic=record.topic, offset=record.offset, error=repr(error)[:300])

    async def _effects(self, records: Sequence[Any]) -> None:
        received = [r for record in records if (r := received_in(record, self._dispatch.wants)) is not None]
        if not received:
            return
        async with self._database.transaction(actor="operator") as tx:
            new = await take_new(tx, received)
            await self._dispatch.run(tx, new)
        self.events += len(new)

    def _look_for_gaps(self, records: Sequence[Any]) -> None:
        for headers in map(text_headers, records):
            key, version = headers.get("ce_subject", ""), headers.get("ce_aggregateversion", "")
            if not _is_id(key) or not version.isdigit():
                continue
            last = self._versions.get(key, 0)
            if int(version) > last + 1:
                self._with_gaps.add(key)
            self._versions[key] = max(last, int(version))


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
