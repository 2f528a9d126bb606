"""Processes of this stack: each carries a mark in its environment by which any later run finds it again.

The mark holds the state folder and the part's name. It is there from the first instant of a process, survives
the death of whoever started it, and cannot be confused with a reused process id, as a file of ids could.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil

from deploy.local.owner import Owner

MARK = "ALLIANCE_STARTED_BY"
LARGE_LOG = 20_000_000  # bytes


def mark(state: Path, part: str) -> str:
    """The value of the mark for a part of this state folder."""
    return f"{state.resolve()}:{part}"


def spawn(
    command: Sequence[str | Path],
    *,
    state: Path,
    part: str,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    owner: Owner | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a part in a session of its own (Ctrl-C reaches only the supervisor), its output appended to `log`."""
    _make_room(log)
    environment = {**(os.environ if env is None else env), MARK: mark(state, part)}
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=cwd,
            start_new_session=True,
            **(owner.as_popen() if owner else {}),
        )


def _make_room(log: Path) -> None:
    """A log that has grown large is kept under another name, in place of the one kept before."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGE_LOG:
        log.replace(log.with_suffix(".log.1"))


def alive(process: psutil.Process) -> bool:
    """Whether the process still runs; a zombie nobody has collected counts as gone."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def started(state: Path, part: str | None = None) -> dict[str, list[psutil.Process]]:
    """The living processes of this state folder by part; those of a trial run inside it bear its folder's name."""
    found: dict[str, list[psutil.Process]] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            name = _part_of(process.environ().get(MARK, ""), state)
            if name and part in (None, name) and alive(process) and process.pid != os.getpid():
                found.setdefault(name, []).append(process)
    return found


def _part_of(found_mark: str, state: Path) -> str | None:
    folder, _, part = found_mark.rpartition(":")
    if folder == str(state.resolve()):
        return part
    inside = f"{state.resolve()}/run/"
    return folder.removeprefix(inside).partition("/")[0] if folder.startswith(inside) else None


def end(processes: Iterable[psutil.Process], *, patience: float = 10.0, first: int = signal.SIGTERM) -> None:
    """Ends processes: a polite signal, then, after `patience` seconds, SIGKILL."""
    waiting = list(processes)
    for number, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
        for process in waiting:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
        deadline = time.monotonic() + seconds
        while (waiting := [process for process in waiting if alive(process)]) and time.monotonic() < deadline:
            time.sleep(0.02)


def end_orphans(state: Path, part: str) -> bool:
    """Ends what an earlier run left of this part; True when there was something."""
    left = started(state, part).get(part, [])
    end(left)
    return bool(left)
