"""What a consumer has in hand beside the batch it writes: records that wait, and a batch that is not yet due."""

import time
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from common.inbox import Received


@dataclass(slots=True)
class Held:
    """The rest of a partition's batch, waiting for a fault of the moment to pass."""

    records: list[Any]
    attempt: int = 1
    due: float = field(default_factory=lambda: time.monotonic() + 0.1)


@dataclass(slots=True)
class Ahead:
    """A batch that is not yet due, and the events of those of its partitions that are made out."""

    records: dict[TopicPartition, list[Any]] = field(default_factory=dict)
    received: dict[TopicPartition, list[Received]] = field(default_factory=dict)

    def drop(self, partition: TopicPartition) -> list[Any]:
        """Its records, which are no longer in here."""
        self.received.pop(partition, None)
        return self.records.pop(partition, [])
