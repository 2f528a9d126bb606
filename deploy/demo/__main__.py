"""`python -m deploy.demo load | play | latency`: fills an alliance with the demonstration and plays the main job."""

import argparse
import asyncio
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo.address import http_client, public_url
from deploy.demo.client import DemoFailed
from deploy.demo.dataset import dataset
from deploy.demo.latency import measure
from deploy.demo.load import load
from deploy.demo.play import play


async def _load(console: Console) -> None:
    columns = (TextColumn("{task.description:>14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    started = time.monotonic()
    with Progress(*columns, console=console) as progress:
        async with http_client() as http:
            loaded = await load(http, dataset, progress)
    done = f"loaded in {time.monotonic() - started:.0f} s" if loaded else "everything is there already"
    console.print(f"Demo: {done}; records marked public record are not members of a real alliance.")


async def _run(arguments: argparse.Namespace, console: Console) -> None:
    if arguments.command == "load":
        await _load(console)
        return
    async with http_client() as http:
        if arguments.command == "play":
            await play(http, dataset(), console)
        else:
            await measure(http, dataset(), console, arguments.needs)


def main() -> int:
    """Exit status 0 when everything went well, 1 with a message when a step failed."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("load", help="load organisations, accounts and needs through the public API; repeatable")
    commands.add_parser("play", help="play the main job once, with what each side sees")
    commands.add_parser("latency", help="measure publish to live feed").add_argument(
        "--needs", type=int, default=100, help="how many needs to publish (default 100)"
    )
    console = Console()
    try:
        asyncio.run(_run(parser.parse_args(), console))
    except DemoFailed as failure:
        Console(stderr=True).print(f"[bold red]The demo stopped:[/] {public_url()}", failure, sep="\n", markup=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
