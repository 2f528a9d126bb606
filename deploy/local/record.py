"""What the supervisor writes down for `make status` and `make stop`, and the lock that lets only one run at a time."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import psutil

from deploy.local import processes


@dataclass
class PartRecord:
    """The last known state of one part."""

    state: str = "stopped"
    restarts: int = 0
    exit_status: int | None = None
    error: str | None = None
    since: float = 0.0


@dataclass
class Record:
    """The supervisor and its parts; `up` once everything was ready and the demo data had been seen to."""

    pid: int = 0
    created: float = 0.0
    up: bool = False
    parts: dict[str, PartRecord] = field(default_factory=dict)

    def supervisor(self) -> psutil.Process | None:
        """The supervisor's process if it lives; an id that was given to another process since does not count."""
        try:
            process = psutil.Process(self.pid)
            same = self.pid != 0 and abs(process.create_time() - self.created) < 2
            return process if same and processes.alive(process) else None
        except psutil.Error:
            return None


def _file(state: Path) -> Path:
    return state / "run/state.json"


def read(state: Path) -> Record:
    """What was written last; an empty record when there is nothing readable."""
    try:
        content = json.loads(_file(state).read_text())
        parts = {name: PartRecord(**part) for name, part in content.pop("parts").items()}
        return Record(**content, parts=parts)
    except (OSError, ValueError, TypeError, KeyError):
        return Record()


def write(state: Path, record: Record) -> None:
    """Replaces the record in one step, so that a reader never sees half of it."""
    target = _file(state)
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_suffix(".new")
    new.write_text(json.dumps(asdict(record), indent=2))
    new.replace(target)


def fresh() -> Record:
    """The record of a supervisor that starts now."""
    return Record(pid=os.getpid(), created=psutil.Process().create_time())


def lock(state: Path, patience: float = 0.0) -> IO[str] | None:
    """The lock of this state folder, held until the file is closed or the process ends; None if another has it."""
    (state / "run").mkdir(parents=True, exist_ok=True)
    file = (state / "run/lock").open("a")
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                file.close()
                return None
            time.sleep(0.1)
        else:
            return file
