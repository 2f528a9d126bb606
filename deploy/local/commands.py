"""What each command of `python -m deploy.local` does."""

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local import processes, record
from deploy.local.console import Console
from deploy.local.failure import Failure
from deploy.local.supervisor import Interrupted, Supervisor, end_in_order
from deploy.services import ROOT, Service, all_services

Arguments = argparse.Namespace


def run(arguments: Arguments, services: tuple[Service, ...] | None = None) -> int:
    """Everything up, in the foreground until Ctrl-C, or until it is ready with `--detach`."""
    state: Path = arguments.state.resolve()
    if arguments.detach:
        return _detach(state, arguments.command)
    began = time.monotonic()
    held = record.lock(state)
    if held is None:
        raise Failure(
            f"it is already running (process {record.read(state).pid}, state in {state})",
            remedy="`make status` shows it, `make stop` ends it",
        )
    console = Console()
    console.say(f"Alliance Hub is starting; everything it keeps is in {state}")
    supervisor = Supervisor(state, all_services() if services is None else services, console)
    supervisor.listen_to_signals()
    status = 0
    try:
        supervisor.up()
        supervisor.note_up()
        console.say(f"Ready after {time.monotonic() - began:.1f} s. Ctrl-C stops it.")
        supervisor.watch()
    except Interrupted:
        status = 130
    except Failure as failure:
        console.warn(str(failure))
        status = 1
    with contextlib.suppress(OSError), console.step("stopping"):
        supervisor.down()
    # Threads that still wait for a download or a dead server must not hold the end back.
    sys.stdout.flush()
    os._exit(status)


def servers(arguments: Arguments) -> int:
    """PostgreSQL and Kafka with roles, schemas, migrations and topics, without any service."""
    return run(arguments, services=())


def stop(arguments: Arguments) -> int:
    """Ends the supervisor, which ends the rest; what a killed supervisor left is ended directly."""
    state: Path = arguments.state.resolve()
    console = Console()
    supervisor = record.read(state).supervisor()
    held = record.lock(state)
    if held is None and supervisor is not None:
        with console.step(f"asking the supervisor (process {supervisor.pid}) to stop"):
            supervisor.terminate()
            held = record.lock(state, patience=60)
        if held is None:
            raise Failure(f"process {supervisor.pid} does not end", remedy=f"kill -9 {supervisor.pid}; make stop")
    if left := processes.started(state):
        with console.step(f"ending {', '.join(left)}"):
            end_in_order(left)
    console.say("Nothing of it runs any more.")
    return 0


def _detach(state: Path, command: str) -> int:
    """Starts the same command in the background and shows its output until it is up or has failed."""
    log = state / "logs/run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", command, "--state", str(state)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            start_new_session=True,
        )
    try:
        return _follow(child, log, state)
    except KeyboardInterrupt:
        child.terminate()
        child.wait(60)
        return 130


def _follow(child: subprocess.Popen[bytes], log: Path, state: Path) -> int:
    with log.open(encoding="utf-8", errors="replace") as lines:
        while True:
            ended = child.poll()
            known = record.read(state)
            up = known.up and known.pid == child.pid
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            if up:
                return 0
            if ended is not None:
                return ended or 1
            time.sleep(0.1)


COMMANDS: dict[str, Callable[[Arguments], int]] = {"run": run, "servers": servers, "stop": stop}
