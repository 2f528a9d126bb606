"""The supervisor from outside, as a person uses it: start, look, kill, start again, stop."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local import processes, record
from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from deploy.services import ROOT, port_setting

PARTS = ("postgres", "kafka", "kafka_controller")


class Stack:
    """`python -m deploy.local` on one state folder, with ports of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.ports = {name: free_port() for name in PARTS}
        settings = {port_setting(name): str(port) for name, port in self.ports.items()}
        self.environment = {**os.environ, **settings}

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deploy.local", *words, "--state", str(self.state)]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def start(self) -> None:
        ended = self.call("servers", "--detach")
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def status(self) -> dict[str, dict[str, object]]:
        parts: dict[str, dict[str, object]] = json.loads(self.call("status", "--json", "--seconds", "0.1").stdout)[
            "parts"
        ]
        return parts

    def supervisor(self) -> psutil.Process:
        process = record.read(self.state).supervisor()
        assert process is not None
        return process

    async def execute(self, statement: str) -> object:
        server = Postgres(self.state, self.ports["postgres"])
        connection = await asyncpg.connect(server.url(database="postgres"))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()


@pytest.fixture
def stack(state: Path) -> Stack:
    return Stack(state)


def _eventually(true: Callable[[], bool], what: str, patience: float = 60.0) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


async def test_it_survives_kill_9_of_a_server_of_the_supervisor_and_of_all_at_once(stack: Stack) -> None:
    stack.start()
    await stack.execute("CREATE TABLE kept AS SELECT 42 AS number")
    assert stack.call("status", "--seconds", "0.1").returncode == 0

    processes.started(stack.state)["kafka"][0].kill()
    _eventually(
        lambda: (kafka := stack.status()["kafka"])["state"] == "ready" and kafka["restarts"] == 1, "Kafka is not back"
    )

    stack.supervisor().kill()
    _eventually(lambda: record.read(stack.state).supervisor() is None, "the supervisor lives")
    left = processes.started(stack.state)
    assert {"postgres", "kafka"} <= set(left), "the servers live on without the supervisor"
    assert stack.call("status", "--seconds", "0.1").returncode == 1
    stack.start()
    assert not any(processes.alive(process) for found in left.values() for process in found)
    assert await stack.execute("SELECT number FROM kept") == 42

    every = [stack.supervisor(), *(process for found in processes.started(stack.state).values() for process in found)]
    for process in every:
        process.kill()
    stack.start()
    assert await stack.execute("SELECT number FROM kept") == 42

    assert stack.call("stop").returncode == 0
    assert processes.started(stack.state) == {}
    assert stack.call("status", "--seconds", "0.1").returncode == 1


def test_a_second_run_is_refused_and_so_is_a_reset_while_it_runs(stack: Stack) -> None:
    record.write(stack.state, record.fresh())
    held = record.lock(stack.state)
    assert held is not None
    again = stack.call("servers", "--detach")
    assert again.returncode == 1
    assert f"already running (process {os.getpid()}" in again.stderr
    reset = stack.call("reset", "--yes")
    assert (reset.returncode, "make stop" in reset.stderr) == (1, True)
    held.close()


def test_a_reset_removes_all_data_and_keeps_what_holds_none(stack: Stack) -> None:
    for name in ("postgres/data", "kafka/data", "logs", "run", "jars", "venv"):
        (stack.state / name).mkdir(parents=True)
    (stack.state / "secrets.json").touch()
    assert "nobody to ask" in stack.call("reset").stderr
    assert (stack.state / "postgres/data").exists()
    assert stack.call("reset", "--yes").returncode == 0
    assert {path.name for path in stack.state.iterdir()} == {"jars", "venv"}


def test_a_taken_port_is_told_before_anything_starts(stack: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stack.ports["kafka_controller"]))
        taken.listen()
        ended = stack.call("servers", "--detach")
    assert ended.returncode == 1
    assert f"port {stack.ports['kafka_controller']} is taken by process {os.getpid()}" in ended.stdout
    assert "ALLIANCE_PORT_KAFKA_CONTROLLER=" in ended.stdout
    assert not (stack.state / "postgres").exists()


def test_two_parts_on_one_port_are_named(stack: Stack) -> None:
    stack.environment[port_setting("kafka")] = str(stack.ports["postgres"])
    ended = stack.call("servers", "--detach")
    assert ended.returncode == 1
    assert f"postgres and kafka are both to listen on port {stack.ports['postgres']}" in ended.stdout


def test_a_start_that_fails_shows_the_log_and_leaves_nothing_running(stack: Stack) -> None:
    (stack.state / "kafka").mkdir()
    (stack.state / "kafka/formatted").touch()  # but there is nothing formatted
    ended = stack.call("servers", "--detach")
    assert ended.returncode == 1
    assert "Kafka ended with status 1 while it was starting" in ended.stdout
    assert "meta.properties" in ended.stdout
    assert "what to do: " in ended.stdout
    assert processes.started(stack.state) == {}


def test_a_setting_that_is_no_port_is_named(stack: Stack) -> None:
    stack.environment[port_setting("postgres")] = "many"
    ended = stack.call("servers")
    assert ended.returncode == 1
    assert "ALLIANCE_PORT_POSTGRES must be a port" in ended.stderr
