"""Row 21: what the whole local stack takes while nobody uses it."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from deploy.services import DEFAULT_PORTS, ROOT, all_services, port_setting
from tests.bench.harness import REPETITIONS, TRIAL, Figure, spread
from tests.bench.stage import BUILD, Known
from tests.conftest import free_port

SECONDS = 5 if TRIAL else 12
"""Of one look."""
MOST = 1 if TRIAL else 15
"""Looks until it has settled: the demonstration is still being matched and the broker's cache recorded."""


async def measure(known: Known) -> list[Figure]:
    """`make run` with its demonstration, on ports of its own; then only looked at."""
    state = ROOT / ".local" / "bench" / f"stack-{os.getpid()}"
    environment = {
        **os.environ,
        **{port_setting(name): str(free_port()) for name in DEFAULT_PORTS},
        **{port_setting(service.name): str(free_port()) for service in all_services()},
    }
    try:
        await _local("run", "--detach", state=state, environment=environment)
        await _settle(state, environment)
        looks = [await _look(state, environment) for _ in range(REPETITIONS)]
    finally:
        await _local("stop", state=state, environment=environment)
        await _local("reset", "--yes", state=state, environment=environment)
        shutil.rmtree(state, ignore_errors=True)
    shares = sorted(float(look["cpu_percent"]) / 100 for look in looks)
    parts = looks[-1]["parts"].items()
    used = {name: part["usage"] for name, part in parts if part["usage"]}
    told = ", ".join(f"{name} {use['memory'] / 2**20:.0f} MB {use['cpu_percent']:.1f} %" for name, use in used.items())
    known.note(f"idle stack with the demonstration: {told}")
    middle = shares[len(shares) // 2]
    name = "idle CPU of all services, broker, PostgreSQL and supervisor / one core"
    return [Figure(21, name, middle, 1.0, middle, "<= 0.06", spread(shares), "cores")]


async def _settle(state: Path, environment: dict[str, str]) -> None:
    before = float("inf")
    for _ in range(MOST):
        now = float((await _look(state, environment))["cpu_percent"])
        if now > 0.8 * before and now < 50:
            return
        before = now


async def _look(state: Path, environment: dict[str, str]) -> dict[str, Any]:
    told = await _local("status", "--json", f"--seconds={SECONDS}", state=state, environment=environment)
    return dict(json.loads(told))


async def _local(*words: str, state: Path, environment: dict[str, str]) -> bytes:
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "bench.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.local", *words, "--state", str(state)),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            cwd=ROOT,
        )
        told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
    return told
