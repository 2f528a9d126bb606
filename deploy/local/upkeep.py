"""The commands beside a run: status, logs, reset, and the recording that makes Kafka start faster."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from deploy.local import processes, record, training
from deploy.local.failure import Failure

REMOVED_BY_RESET = ("postgres", "kafka", "logs", "run", "secrets.json", "secrets.lock")

Arguments = argparse.Namespace


def status(arguments: Arguments) -> int:
    """A row for each part; 0 only when everything is ready."""
    from deploy.local import status as looking
    from deploy.local.status_table import show

    found = looking.take(arguments.state, arguments.seconds)
    if arguments.json:
        print(json.dumps(found.as_json(), indent=2))
    else:
        show(found)
    return 0 if found.ready else 1


def logs(arguments: Arguments) -> int:
    """Follows the logs, or one part's, with the program every system has for it."""
    folder: Path = arguments.state.resolve() / "logs"
    names = sorted(path.stem for path in folder.glob("*.log"))
    if arguments.part and arguments.part not in names:
        raise Failure(
            f"there is no log of {arguments.part!r}",
            remedy=f"choose one of: {', '.join(names) or '(none yet: make run)'}",
        )
    if not names:
        raise Failure("there are no logs yet", remedy="make run")
    chosen = [arguments.part] if arguments.part else names
    os.execvp("tail", ["tail", "-n", "40", "-F", *(str(folder / f"{name}.log") for name in chosen)])


def reset(arguments: Arguments) -> int:
    """Removes all data; keeps the environment and the fetched jars, which cost time and hold nothing."""
    state: Path = arguments.state.resolve()
    held = record.lock(state)
    if held is None or processes.started(state):
        raise Failure("it is running", remedy="make stop, then reset it")
    if not arguments.yes and not _agreed(state):
        print("Nothing was removed.")
        return 1
    for name in REMOVED_BY_RESET:
        _remove(state / name)
    print("All data is removed; the next `make run` starts from nothing.")
    return 0


def _agreed(state: Path) -> bool:
    if not sys.stdin.isatty():
        raise Failure("reset asks before it removes anything, and there is nobody to ask", remedy="make reset YES=1")
    answer = input(f"Remove every organisation, need, match, message and password in {state}? [yes/no] ")
    return answer.strip().lower() == "yes"


def _remove(path: Path) -> None:
    if path.is_symlink():
        shutil.rmtree(path.resolve(), ignore_errors=True)
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def train(arguments: Arguments) -> int:
    """Records the cache for Kafka's start; done in the background by the first run."""
    return 0 if training.train(arguments.state) else 1
