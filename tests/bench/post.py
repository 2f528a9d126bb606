"""Row 3: what a POST of a need costs the process that answers it, beside a bare handler with the same insert."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import psutil

from common.testing import People, until
from common.vocabulary import MemberKind
from tests.bench import http_load, needs
from tests.bench.harness import TRIAL, Figure, Leg, interleaved
from tests.bench.stage import Stage, listens
from tests.conftest import free_port

SERVICE = "project_matching"
PATH = "/api/project_matching/v1/needs"
SECONDS = 1 if TRIAL else 3
CONNECTIONS = 32


async def measure(stage: Stage) -> list[Figure]:
    """Sign-in, validation, insert: CPU a request and requests a second, both servers up all the time."""
    database = await stage.database(SERVICE, 2)
    people = People(database)
    organisation = await people.organisation(MemberKind.hospital)
    await needs.hospital(database, organisation)
    headers = await people.account(organisation)
    request = http_load.request_of(PATH, headers, orjson.dumps(needs.BODY))
    async with (
        _server(stage, "ours") as ours,
        _server(stage, "limit", str(organisation)) as limit,
    ):
        legs = {"ours": _leg(*ours, request), "limit": _leg(*limit, request)}
        samples = await interleaved(legs, steady=("limit", "us"))
    name = "POST of a need / bare ASGI handler with the same insert"
    return [
        samples.figure(3, f"{name}: CPU", "us", goal="<= 2.3", unit="us a request"),
        samples.figure(3, f"{name}: rate", "rate", goal=">= 0.5", unit="requests/s", beside=True),
    ]


@asynccontextmanager
async def _server(stage: Stage, *arguments: str) -> AsyncIterator[tuple[psutil.Process, int]]:
    port = free_port()
    settings = stage.servers.settings(SERVICE, port=port, rate_limit=1_000_000)
    async with stage.process("-m", "tests.bench.post_server", *arguments, settings=settings) as process:
        await until(lambda: listens(port), timeout=120, every=0.2)
        yield psutil.Process(process.pid), port


def _leg(server: psutil.Process, port: int, request: http_load.Request) -> Leg:
    async def repetition() -> dict[str, float]:
        before, began = server.cpu_times(), time.perf_counter()
        told = await http_load.post(port, request, connections=CONNECTIONS, seconds=SECONDS)
        passed, after = time.perf_counter() - began, server.cpu_times()
        assert not told.refused, f"{told.refused} of {told.answers} requests were refused"
        spent = after.user + after.system - before.user - before.system
        return {"us": 1e6 * spent / told.answers, "rate": told.answers / passed}

    return repetition
