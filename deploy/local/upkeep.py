"""The commands beside a run: status, logs, reset, and the recording that makes Kafka start faster."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from deploy.local import processes, record, training
from deploy.local.failure import Failure
from deploy.words import Words

REMOVED_BY_RESET = ("postgres", "kafka", "logs", "run", "secrets.json", "secrets.lock")

Arguments = argparse.Namespace
START = Words("make run 启动", "start it: make run")


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
            Words(f"没有 {arguments.part!r} 的日志", f"there is no log of {arguments.part!r}"),
            remedy=Words(f"可选：{', '.join(names)}", f"choose one of: {', '.join(names)}") if names else START,
        )
    if not names:
        raise Failure(Words("还没有日志", "there are no logs yet"), remedy=START)
    chosen = [arguments.part] if arguments.part else names
    os.execvp("tail", ["tail", "-n", "40", "-F", *(str(folder / f"{name}.log") for name in chosen)])


def reset(arguments: Arguments) -> int:
    """Removes all data; keeps the environment and the fetched jars, which cost time and hold nothing."""
    state: Path = arguments.state.resolve()
    held = record.lock(state)
    if held is None or processes.started(state):
        raise Failure(
            Words("正在运行", "it is running"), remedy=Words("先 make stop，再重置", "make stop, then reset it")
        )
    if not arguments.yes and not _agreed(state):
        print(Words("没有删除任何东西。", "Nothing was removed."))
        return 1
    for name in REMOVED_BY_RESET:
        _remove(state / name)
    print(
        Words(
            "数据已全部删除；下次 make run 从头开始。", "All data is removed; the next `make run` starts from nothing."
        )
    )
    return 0


def _agreed(state: Path) -> bool:
    if not sys.stdin.isatty():
        raise Failure(
            Words("删除之前要询问，但无人可问", "reset asks before it removes anything, and there is nobody to ask"),
            remedy=Words("make reset YES=1", "make reset YES=1"),
        )
    question = Words(
        f"删除 {state} 中的全部单位、需求、匹配、消息和密码？",
        f"Remove every organisation, need, match, message and password in {state}?",
    )
    answer = input(f"{question} [yes/no] ")
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
