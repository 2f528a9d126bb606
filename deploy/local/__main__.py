"""`python -m deploy.local …`: the commands behind `make run`, `stop`, `status`, `logs` and `reset`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local import commands, upkeep
from deploy.local.failure import of_system
from deploy.services import ROOT
from deploy.words import Told, Words

Command = Callable[[argparse.Namespace], int]
COMMANDS: dict[str, tuple[Command, Words]] = {
    "run": (commands.run, Words("启动全部", "bring everything up")),
    "servers": (commands.servers, Words("只启动 PostgreSQL 和 Kafka", "PostgreSQL and Kafka only, set up")),
    "stop": (commands.stop, Words("停止它启动的一切", "end everything that was started")),
    "status": (upkeep.status, Words("各部分的状态；全部就绪时返回 0", "a row for each part; 0 when all is ready")),
    "logs": (upkeep.logs, Words("跟踪日志", "follow the logs")),
    "reset": (upkeep.reset, Words("删除全部数据", "remove all data")),
    "train": (upkeep.train, Words("录制 Kafka 的启动缓存", "record the cache for Kafka's start")),
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m deploy.local",
        description=str(Words("一台机器上的整个系统", "The whole system on one machine.")),
    )
    names = top.add_subparsers(dest="command", required=True)
    every: dict[str, argparse.ArgumentParser] = {}
    for name, (_command, said) in COMMANDS.items():
        every[name] = names.add_parser(name, help=str(said))
        folder = Words("全部状态的目录", "folder of all state")
        every[name].add_argument("--state", type=Path, default=ROOT / ".local", help=str(folder))
    for name in ("run", "servers"):
        every[name].add_argument(
            "--detach", action="store_true", help=str(Words("就绪后返回", "return once everything is ready"))
        )
    every["status"].add_argument("--json", action="store_true", help=str(Words("供程序读取", "for programs")))
    measured = Words("测量 CPU 的秒数", "how long CPU use is measured")
    every["status"].add_argument("--seconds", type=float, default=2.0, help=str(measured))
    every["logs"].add_argument("part", nargs="?", help=str(Words("只看一个部分", "one part only")))
    every["reset"].add_argument("--yes", action="store_true", help=str(Words("不询问", "do not ask")))
    return top


def main() -> int:
    """Runs a command; a failure is told in words, not in a traceback."""
    arguments = parser().parse_args()
    try:
        return COMMANDS[arguments.command][0](arguments)
    except Told as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{of_system(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
