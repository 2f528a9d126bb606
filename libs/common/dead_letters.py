"""Dead letters: records that cannot be processed, kept whole with the reason, where they can be replayed from."""

import traceback
from typing import Any

from common import metrics
from common.kafka import dead_letter_topic, start_producer, stop
from common.kafka_faults import patiently
from common.telemetry import log


class DeadLetters:
    """Writes to `<service>.dead`: the record as it came, plus `dead_…` headers that say why and from where."""

    def __init__(self, *, service: str, bootstrap: str) -> None:
        self._service = service
        self._bootstrap = bootstrap
        self._producer: Any = None

    async def bury(self, record: Any, reason: str, error: BaseException | None = None) -> None:
        """Returns when the broker has acknowledged it; until then the record's offset must not be committed."""
        if self._producer is None:
            self._producer = await start_producer(self._bootstrap, f"{self._service}-dead")
        stack = "".join(traceback.format_exception(error))[-8000:] if error else ""
        origin = f"{record.topic}/{record.partition}/{record.offset}"
        headers = [
            *record.headers,
            ("dead_reason", reason[:2000].encode()),
            ("dead_stack", stack.encode()),
            ("dead_from", origin.encode()),
        ]
        try:
            async with patiently("burying"):
                await self._producer.send_and_wait(
                    dead_letter_topic(self._service), record.value, key=record.key, headers=headers
                )
        except Exception:
            await self.stop()
            raise
        metrics.dead_letters.inc()
        log.error("dead_letter", origin=origin, reason=reason[:500])

    async def stop(self) -> None:
        """The next one is buried by a new producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await stop(producer)
