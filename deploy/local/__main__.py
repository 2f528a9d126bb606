"""`python -m deploy.local …`: the commands behind `make run`, `stop`, `status`, `logs` and `reset`."""

import argparse
import sys
from pathlib import Path

from deploy.local import commands
from deploy.local.failure import Failure
from deploy.services import ROOT


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m deploy.local", description="The system on this machine, no Docker.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--state", type=Path, default=ROOT / ".local", help="folder of all state (default: .local)")
    names = top.add_subparsers(dest="command", required=True)
    for name, what in {"run": "everything", "servers": "PostgreSQL and Kafka only, set up for the services"}.items():
        run = names.add_parser(name, parents=[common], help=f"brings up {what}, and stays until Ctrl-C")
        run.add_argument("--detach", action="store_true", help="return once everything is ready")
    names.add_parser("stop", parents=[common], help="ends everything that was started")
    return top


def main() -> int:
    """Runs a command; a failure is told in words, not in a traceback."""
    arguments = parser().parse_args()
    try:
        return commands.COMMANDS[arguments.command](arguments)
    except (Failure, ValueError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
