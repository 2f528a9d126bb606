"""CPU and memory of the parts, read from the system over a short while."""

import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Usage:
    """What a part took: percent of one core over the measured time, resident memory in bytes."""

    cpu_percent: float
    memory: int
    pids: tuple[int, ...]


def families(processes: dict[str, list[psutil.Process]]) -> dict[str, list[psutil.Process]]:
    """Each part with all its descendants (PostgreSQL has one process for each connection)."""
    grown = {}
    for name, found in processes.items():
        members = {process.pid: process for process in found}
        for process in found:
            with contextlib.suppress(psutil.Error):
                members |= {child.pid: child for child in process.children(recursive=True)}
        grown[name] = list(members.values())
    return grown


def measure(parts: dict[str, list[psutil.Process]], seconds: float) -> dict[str, Usage]:
    """The use of each part over so many seconds."""
    before = {name: _cpu_seconds(found) for name, found in parts.items()}
    began = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began
    return {
        name: Usage(
            cpu_percent=max(0.0, 100 * (_cpu_seconds(found) - before[name]) / passed),
            memory=sum(_memory(process) for process in found),
            pids=tuple(process.pid for process in found),
        )
        for name, found in parts.items()
    }


def _cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _memory(process: psutil.Process) -> int:
    """The proportional size where the system tells it: PostgreSQL's processes share most of theirs."""
    with contextlib.suppress(psutil.Error, OSError):
        full = process.memory_full_info()
        return int(getattr(full, "pss", 0) or full.rss)
    return 0
