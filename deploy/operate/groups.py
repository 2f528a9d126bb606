"""A service's consumer group as the broker knows it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from aiokafka import OffsetAndMetadata, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from common.kafka import offsets_of
from common.kafka_faults import FAULTS
from deploy.operate.place import Place


@dataclass(frozen=True)
class Group:
    """Its state in the broker's words, how many members it has, and the next offset of each partition."""

    state: str
    members: int
    offsets: Mapping[TopicPartition, OffsetAndMetadata]

    @property
    def active(self) -> bool:
        """Whether somebody may be reading: a killed member counts until its session ends, 30 seconds."""
        return self.state not in ("Empty", "Dead")


async def group_of(place: Place, service: str) -> Group:
    """A group that has never been there is Dead, without members and offsets."""
    client = AIOKafkaAdminClient(bootstrap_servers=place.kafka, client_id="operate")
    try:
        await asyncio.wait_for(client.start(), 15)
        try:
            (answer,) = await client.describe_consumer_groups([service])
        except GroupCoordinatorNotAvailableError:  # a broker on which no group has ever been
            return Group("Dead", 0, {})
        offsets = await offsets_of(client, service)
        _error, _name, state, _kind, _protocol, members, *_ = answer.groups[0]
        return Group(state, len(members), offsets)
    finally:
        with suppress(*FAULTS):
            await client.close()
