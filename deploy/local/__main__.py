"""`python -m deploy.local …`: the commands behind `make run`, `stop`, `status`, `logs` and `reset`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local import commands, upkeep
from deploy.local.failure import Failure, of_system
from deploy.services import ROOT

COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": commands.run,
    "servers": commands.servers,
    "stop": commands.stop,
    "status": upkeep.status,
    "logs": upkeep.logs,
    "reset": upkeep.reset,
    "train": upkeep.train,
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m deploy.local", description="The whole system on one machine.")
    names = top.add_subparsers(dest="command", required=True)
    every: dict[str, argparse.ArgumentParser] = {}
    for name, command in COMMANDS.items():
        every[name] = names.add_parser(name, help=command.__doc__)
        every[name].add_argument("--state", type=Path, default=ROOT / ".local", help="folder of all state")
    for name in ("run", "servers"):
        every[name].add_argument("--detach", action="store_true", help="return once everything is ready")
    every["status"].add_argument("--json", action="store_true", help="for programs")
    every["status"].add_argument("--seconds", type=float, default=2.0, help="how long CPU use is measured")
    every["logs"].add_argument("part", nargs="?", help="one part only")
    every["reset"].add_argument("--yes", action="store_true", help="do not ask")
    return top


def main() -> int:
    """Runs a command; a failure is told in words, not in a traceback."""
    arguments = parser().parse_args()
    try:
        return COMMANDS[arguments.command](arguments)
    except (Failure, ValueError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{of_system(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
