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
from deploy.words import Words

NO_MEMBERS = Words(
    "标为公开记录的单位不是真实联盟的成员。", "records marked public record are not members of a real alliance."
)
LOAD = Words("通过公开接口载入单位、账号和需求；可重复", "load everything through the public API; repeatable")
PLAY = Words("演示一遍主流程", "play the main job once, with what each side sees")
LATENCY = Words("测量从发布到实时推送的时间", "measure publish to live feed")
STOPPED = Words("演示中断：", "The demo stopped:")


async def _load(console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    started = time.monotonic()
    with Progress(*columns, console=console) as progress:
        async with http_client() as http:
            loaded = await load(http, dataset, progress)
    took = f"{time.monotonic() - started:.0f}"
    done = (
        Words(f"{took} 秒载入", f"loaded in {took} s") if loaded else Words("都已载入", "everything is there already")
    )
    console.print(str(Words(f"演示：{done.zh}；{NO_MEMBERS.zh}", f"Demo: {done.en}; {NO_MEMBERS.en}")))


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
    commands.add_parser("load", help=str(LOAD))
    commands.add_parser("play", help=str(PLAY))
    commands.add_parser("latency", help=str(LATENCY)).add_argument(
        "--needs",
        type=int,
        default=100,
        help=str(Words("发布多少条需求（默认 100）", "how many needs to publish (default 100)")),
    )
    console = Console()
    try:
        asyncio.run(_run(parser.parse_args(), console))
    except DemoFailed as failure:
        Console(stderr=True).print(f"[bold red]{STOPPED.both}[/]", public_url(), failure, sep="\n", markup=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
