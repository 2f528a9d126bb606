"""`run`, `servers` and `stop`: one supervisor a state folder, its start, its stay and its end."""

import argparse
import os
import shutil
import sys
import time
import traceback
from pathlib import Path

from deploy.local import demonstration, processes, record, training
from deploy.local.background import run_in_background
from deploy.local.console import Console
from deploy.local.failure import Failure, of_system
from deploy.local.supervisor import Interrupted, end_in_order
from deploy.local.system import System
from deploy.local.welcome import welcome
from deploy.services import Service, all_services
from deploy.words import Words

Arguments = argparse.Namespace
NOTHING_RUNS = Words("全部停止了。", "Nothing of it runs any more.")
LITTLE_ROOM = 200  # MB: servers and services that write their first data need about as much


def run(arguments: Arguments, services: tuple[Service, ...] | None = None) -> int:
    """Everything up, in the foreground until Ctrl-C, or until it is ready with `--detach`."""
    state: Path = arguments.state.resolve()
    held = record.lock(state)
    if held is None:
        raise Failure(
            Words(
                f"已在运行（进程 {record.read(state).pid}，状态在 {state}）",
                f"it is already running (process {record.read(state).pid}, state in {state})",
            ),
            remedy=Words("make status 查看，make stop 停止", "`make status` shows it, `make stop` ends it"),
        )
    if arguments.detach:
        held.close()
        return run_in_background(state, arguments.command)
    console = Console()
    console.say(
        Words(
            f"Alliance Hub 正在启动；数据都在 {state}", f"Alliance Hub is starting; everything it keeps is in {state}"
        )
    )
    system = System(state, all_services() if services is None else services, console)
    system.listen_to_signals()
    status = _stay(system, console)
    with console.step(Words("正在停止", "stopping")):
        system.down()
    console.say(NOTHING_RUNS)
    sys.stdout.flush()
    os._exit(status)  # threads that still wait for a download or a dead server must not hold the end back


def _stay(system: System, console: Console) -> int:
    """From nothing to everything, then until it is to end; the exit status."""
    began = time.monotonic()
    try:
        system.up()
        if system.services:
            _load_demonstration(system.state, console)
            console.say(welcome(system.state))
        took = f"{time.monotonic() - began:.1f}"
        console.say()
        console.say(
            Words(
                f"{took} 秒后就绪。正在运行；Ctrl-C 或 make stop 停止。",
                f"Ready after {took} s. Running; Ctrl-C or `make stop` ends it.",
            ),
            "bold",
        )
        system.note_up()
        training.start_in_background(system.state)
        system.watch()
    except Interrupted:
        return 130
    except Failure as failure:
        console.warn(str(failure) + _room_left(system.state))
        return 1
    except OSError as error:
        console.warn(str(of_system(error)))
        return 1
    except Exception as error:  # a fault of ours: told whole, and everything is still taken down
        console.warn("".join(traceback.format_exception(error)))
        return 1
    return 0


def _room_left(state: Path) -> str:
    """The likely cause of many failures, where it is one."""
    free = shutil.disk_usage(state).free // 2**20
    note = Words(f"  注意：{state} 所在磁盘只剩 {free} MB", f"  note: only {free} MB are left on the disk of {state}")
    return f"\n{note.both}" if free < LITTLE_ROOM else ""


def _load_demonstration(state: Path, console: Console) -> None:
    """The system is of use without it: a failure is told and tried again at the next start."""
    try:
        demonstration.load(state)
    except Failure as failure:
        console.warn(str(failure))


def servers(arguments: Arguments) -> int:
    """PostgreSQL and Kafka with roles, schemas, migrations and topics, without any service."""
    return run(arguments, services=())


def stop(arguments: Arguments) -> int:
    """Ends the supervisor, which ends the rest; what a killed supervisor left is ended directly."""
    state: Path = arguments.state.resolve()
    console = Console()
    held = record.lock(state)
    if held is None and (supervisor := record.read(state).supervisor()) is not None:
        pid = supervisor.pid
        with console.step(Words(f"请监管进程（{pid}）停止", f"asking the supervisor (process {pid}) to stop")):
            supervisor.terminate()
            held = record.lock(state, patience=60)
        if held is None:
            remedy = f"kill -9 {supervisor.pid}; make stop"
            raise Failure(
                Words(f"进程 {supervisor.pid} 不退出", f"process {supervisor.pid} does not end"),
                remedy=Words(remedy, remedy),
            )
    if left := processes.started(state):
        with console.step(Words(f"正在结束 {', '.join(left)}", f"ending {', '.join(left)}")):
            end_in_order(left)
    console.say(NOTHING_RUNS)
    return 0
