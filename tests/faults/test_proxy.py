"""The network of the fault runs: what it loses waits, what it resets is seen at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local.ports import free_port
from tests.faults.stack.proxy import HOST, Proxy


@pytest_asyncio.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """Before a server that says back what it is told."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, HOST, free_port())
    between = Proxy(free_port(), server.sockets[0].getsockname()[1])
    await between.start()
    yield between
    await between.stop()
    server.close()


async def test_what_is_lost_in_the_network_arrives_when_it_is_healed(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    writer.write(b"one")
    assert await reader.readexactly(3) == b"one"
    proxy.lose("down")
    writer.write(b"two")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.readexactly(3), 0.2)
    assert proxy.held == 1
    proxy.heal()
    assert await reader.readexactly(3) == b"two"
    writer.close()


async def test_a_reset_is_seen_by_whoever_is_connected_and_by_whoever_comes(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection(HOST, proxy.port)
    writer.write(b"one")
    await reader.readexactly(3)
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(1)
    late, _ = await asyncio.open_connection(HOST, proxy.port)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await late.readexactly(1)
    assert proxy.refused >= 2
    writer.close()
