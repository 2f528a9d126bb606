"""A broker that is of no use to groups is started again, and only such a one."""

import asyncio
from pathlib import Path

from deploy.local.postgres import Postgres
from deploy.setup.topics import prepare_topics
from tests.faults.stack.ports import own_port
from tests.faults.stack.stack import Stack, broker_of


async def test_a_broker_that_does_not_coordinate_groups_is_started_again(tmp_path: Path) -> None:
    broker = broker_of(tmp_path, [])
    stack = Stack(tmp_path, Postgres(tmp_path, own_port()), broker, hosts=[])
    await asyncio.to_thread(broker.start)
    try:
        await prepare_topics(broker.bootstrap)
        first = broker.pid
        await stack.tended()
        assert broker.pid == first

        broker.kill()
        await stack.tended(patience=3)
        assert broker.pid not in (first, None)
    finally:
        await asyncio.to_thread(broker.kill)
