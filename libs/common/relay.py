"""The relay: the one process of a service that empties its outbox into Kafka, in order, exactly as committed."""

import asyncio
import itertools
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from common import metrics, telemetry
from common.background import Pauses
from common.batches import Acknowledged, Record, by_partition, write
from common.database import DATABASE_FAULTS, Database, set_codecs
from common.kafka import start_producer, stop
from common.kafka_faults import FAULTS
from common.outbox import as_record
from common.refilling import refill
from common.scope import SERVICE_ITSELF
from common.telemetry import log
from common.topic_bounds import is_shortened, mark_shortened

_BATCH = 1000
_NEXT = "SELECT * FROM outbox WHERE seq <> ALL($1::bigint[]) ORDER BY seq LIMIT $2"
_SENT = """
WITH gone AS (DELETE FROM outbox WHERE seq = ANY($1::bigint[]) RETURNING *), acknowledged AS (
    INSERT INTO topic_position AS p SELECT * FROM unnest($2::int[], $3::bigint[])
    ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset
)
INSERT INTO published (seq, id, aggregatetype, aggregateid, version, type, payload, headers, created_at)
SELECT seq, id, aggregatetype, aggregateid, version, type, payload, headers, created_at FROM gone
"""
_PATIENCE = 45.0
"""Seconds without an acknowledgement after which another producer is tried: aiokafka's never gives up a batch."""
_LOCK = "SELECT pg_try_advisory_lock(hashtext('relay'), hashtext(current_schema()))"


_Acknowledgement = asyncio.Task[list[Acknowledged]]


class LogWasCut(KafkaError):  # type: ignore[misc]
    """The broker acknowledged an event at an offset it had acknowledged before: what stood there is lost."""


class Relay:
    """Holds the service's relay lock on the very connection that deletes, so that two relays never both delete.

    The server ends that connection when it has been silent for `lease` seconds (a holder that is paused, not dead);
    then a standby takes over. What a woken holder still sends is a repetition that every inbox knows.
    """

    def __init__(self, *, url: str, service: str, bootstrap: str, database: Database, lease: float = 5.0) -> None:
        self._url = url
        self._service = service
        self._bootstrap = bootstrap
        self._committed = database.committed
        self._lease = lease
        self._producer: Any = None
        self._kept_until = 0.0
        self._positions: dict[int, int] = {}
        self.leading = False
        self.waiting_since: float | None = None

    @property
    def broker_answers(self) -> bool:
        """False while acknowledgements have been waited for longer than five seconds."""
        return self.waiting_since is None or time.monotonic() - self.waiting_since < 5

    async def run(self) -> None:
        """Lead, or stand by until the leader is gone; ends only when cancelled."""
        pauses = Pauses()
        while True:
            try:
                await self._lead_or_stand_by()
            except (*DATABASE_FAULTS, *FAULTS) as error:
                pause = pauses.next()
                log.warning("relay_interrupted", error=repr(error), again_in_seconds=pause)
                await asyncio.sleep(pause)

    async def _lead_or_stand_by(self) -> None:
        connection = await asyncpg.connect(
            self._url,
            timeout=5,
            command_timeout=15,
            server_settings={
                "application_name": f"{self._service} relay",
                "search_path": f"{self._service},public",
                "timezone": "UTC",
                **SERVICE_ITSELF,
                "idle_session_timeout": str(int(self._lease * 1000)),
                "idle_in_transaction_session_timeout": str(int(self._lease * 1000)),
            },
        )
        try:
            await set_codecs(connection)
            while not await connection.fetchval(_LOCK):
                await asyncio.sleep(min(1.0, self._lease / 3))
            self.leading = True
            log.info("relay_leads")
            await self._drain(connection)
        finally:
            self.leading = False
            try:
                await self._drop_producer()
            finally:
                connection.terminate()

    async def _drain(self, connection: Any) -> None:
        await self._keep_published(connection)
        while True:
            self._committed.clear()
            rows = await connection.fetch(_NEXT, [], _BATCH)
            if rows:
                await self._send(connection, rows)
            else:
                await self._keep_published(connection)
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.25):
                        await self._committed.wait()

    async def _keep_published(self, connection: Any) -> None:
        """Once an hour: partitions for the days to come, and the old ones away."""
        if time.monotonic() >= self._kept_until:
            await connection.execute("SELECT keep_published(7)")
            self._kept_until = time.monotonic() + 3600

    async def _send(self, connection: Any, rows: list[Any]) -> None:
        await self._publish(connection, rows)
        positions = self._positions
        await connection.execute(_SENT, [row["seq"] for row in rows], list(positions), list(positions.values()))
        metrics.published.inc(len(rows))

    async def _publish(self, connection: Any, rows: list[Any]) -> None:
        if self._producer is None:
            await self._begin(connection)
        with telemetry.span("publish", kind="producer", events=len(rows)):
            self.waiting_since = time.monotonic()
            acks = await self._hand_over(rows)
            try:
                await self._acknowledged(connection, acks)
            finally:
                for ack in acks:
                    ack.cancel()
            self.waiting_since = None
        await self._advance(connection, itertools.chain.from_iterable(ack.result() for ack in acks))

    async def _begin(self, connection: Any) -> None:
        """A new producer, after what a broker with a shortened log has lost was sent again: see `common.refilling`."""
        await connection.execute("SET idle_session_timeout = '10min'")  # looking may be silent for longer than a lease
        if await is_shortened(connection, service=self._service, bootstrap=self._bootstrap):
            log.error("topic_is_shortened_and_filled_again", topic=self._service)
            await refill(connection, service=self._service, bootstrap=self._bootstrap)
        self._positions.clear()
        self._producer = await start_producer(self._bootstrap, f"{self._service}-relay")
        await connection.execute("RESET idle_session_timeout")

    async def _advance(self, connection: Any, acknowledged: Iterable[Acknowledged]) -> None:
        """Raises LogWasCut; the rows stay in the outbox and are sent again after what was lost."""
        for ack in acknowledged:
            if ack.first < 0:
                continue
            if ack.first < self._positions.get(ack.partition, 0):
                await mark_shortened(connection)
                raise LogWasCut(f"{self._service}/{ack.partition}: {ack.first} was acknowledged before")
            self._positions[ack.partition] = ack.first + ack.count

    async def _hand_over(self, rows: Iterable[Any]) -> "list[_Acknowledgement]":
        """One acknowledgement a partition: everything of these rows that belongs there."""
        parts = await by_partition(self._producer, self._service, map(self._record, rows))
        return [
            asyncio.create_task(write(self._producer, self._service, partition, records))
            for partition, records in parts.items()
        ]

    def _record(self, row: Any) -> Record:
        with telemetry.passed_on(row["headers"], f"publish {row['type']}", kind="producer") as trace:
            return as_record(row, self._service, trace)

    async def _acknowledged(self, connection: Any, acks: "list[_Acknowledgement]") -> None:
        """Wait for every ack; meanwhile hold the lock by talking to the server, and report an outage.

        An idempotent producer never gives up on a batch by itself, hence the timers beside it. After an error that
        cannot be retried the producer's sequence numbers are spoilt: it is dropped, and the rows, still in the
        outbox, are sent by a new one.
        """
        waiting = set(acks)
        for ack in acks:
            ack.add_done_callback(_looked_at)
        reported = False
        while waiting:
            done, waiting = await asyncio.wait(waiting, timeout=min(1.0, self._lease / 3))
            for ack in done:
                ack.result()
            if waiting:
                await connection.fetchval("SELECT 1")
                if self.waiting_since is not None and time.monotonic() - self.waiting_since > _PATIENCE:
                    raise TimeoutError(f"no acknowledgement for {_PATIENCE:.0f} s")
                if not self.broker_answers and not reported:
                    reported = True
                    log.error("broker_does_not_answer", waiting_events=len(waiting))

    async def _drop_producer(self) -> None:
        self.waiting_since = None
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await stop(producer)


def _looked_at(ack: "_Acknowledgement") -> None:
    """After the first failure nobody asks for the others, and each would be reported as never retrieved."""
    if not ack.cancelled():
        ack.exception()
