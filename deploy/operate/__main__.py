"""`python -m deploy.operate …`: what an operator does on a bad day; docs/operations.md says when.

Without ALLIANCE_ADMIN_URL and ALLIANCE_KAFKA in the environment it works on the local stack of this checkout.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from deploy.operate import tell
from deploy.operate.backup import backup, positions_in
from deploy.operate.dead import drop, replay
from deploy.operate.lag import lag
from deploy.operate.letters import letters
from deploy.operate.place import Place, check_service
from deploy.operate.rebuild import rebuilt
from deploy.operate.refill import refill
from deploy.operate.seek import seek
from deploy.operate.settle import settle
from deploy.services import ROOT
from deploy.words import Told, Words

Arguments = argparse.Namespace
Command = Callable[[Place, Arguments], Coroutine[Any, Any, int]]


async def run_lag(place: Place, arguments: Arguments) -> int:
    found = await lag(place, seconds=arguments.seconds)
    tell.lags(found)
    return 1 if any(p.stuck or p.beyond_end for service in found for p in service.partitions) else 0


async def run_refill(place: Place, arguments: Arguments) -> int:
    done = await refill(place, arguments.service, since=arguments.since)
    tell.refilled(arguments.service, done)
    return 1 if done.out_of_order else 0


async def run_rebuild(place: Place, arguments: Arguments) -> int:
    found = await rebuilt(place, arguments.service, swap=arguments.swap)
    tell.rebuilt(found)
    return 0 if found.equal or found.swapped else 1


async def run_dead(place: Place, arguments: Arguments) -> int:
    service, numbers = check_service(arguments.service), arguments.number
    if arguments.action == "replay":
        done = await replay(place, service, numbers)
        tell.replayed(done)
        return 0 if all(each.good for each in done) else 1
    if arguments.action == "drop":
        tell.dropped(await drop(place, service, numbers, reason=arguments.reason))
        return 0
    found = [each for each in await letters(place, service) if not numbers or each.number in numbers]
    (tell.letters if arguments.action == "list" else tell.letters_whole)(found)
    return 0


async def run_seek(place: Place, arguments: Arguments) -> int:
    topic, _, partition = arguments.topic.partition(":")
    if partition and not partition.isdigit():
        raise Told(Words(f"分区须为数字：{partition}", f"A partition is a number, not {partition!r}"))
    found = await seek(
        place,
        arguments.service,
        topic,
        partition=int(partition) if partition else None,
        offset=arguments.offset,
        time=arguments.time,
    )
    tell.positions(arguments.service, found)
    return 0


async def run_backup(place: Place, arguments: Arguments) -> int:
    await backup(place, arguments.folder, secrets=arguments.state / "secrets.json")
    tell.say(Words(f"备份已完成并核对：{arguments.folder}", f"The copy is whole and was verified: {arguments.folder}"))
    return 0


async def run_settle(place: Place, arguments: Arguments) -> int:
    tell.settled(await settle(place, positions_in(arguments.folder)), arguments.folder)
    return 0


COMMANDS: dict[str, tuple[Command, Words]] = {
    "lag": (
        run_lag,
        Words("落后、发件箱、停滞与死信", "how far behind, what is not sent, what stands still, what was given up"),
    ),
    "refill": (run_refill, Words("补发主题缺失的事件", "send again what a topic has lost, from the published rows")),
    "rebuild": (
        run_rebuild,
        Words("由主题重建副本并比较", "make a service's copies anew from the topics and compare them"),
    ),
    "dead": (run_dead, Words("死信：列出、查看、重放、放弃", "dead letters: list, show, replay, drop")),
    "seek": (run_seek, Words("移动已停止的服务的读取位置", "another position for a service that is stopped")),
    "backup": (
        run_backup,
        Words("备份 PostgreSQL 与读取位置", "a whole copy of PostgreSQL and where each service had read"),
    ),
    "settle": (
        run_settle,
        Words("恢复文件之后，使读取位置与版本和主题一致", "after files were put back by hand: positions and versions"),
    ),
}


def run_restore(arguments: Arguments) -> int:
    """The one command that works while servers are down."""
    from deploy.operate.restore import restore

    tell.settled(asyncio.run(restore(arguments.state, arguments.folder, arguments.wal)), arguments.folder)
    return 0


def moment(text: str) -> datetime:
    """ISO 8601, UTC where no zone is given."""
    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m deploy.operate", description=str(Words("故障之日的工具", "Tools for a bad day."))
    )
    top.add_argument(
        "--state", type=Path, default=ROOT / ".local", help=str(Words("本机环境的目录", "folder of the local stack"))
    )
    names = top.add_subparsers(dest="command", required=True)
    every = {name: names.add_parser(name, help=str(said)) for name, (_command, said) in COMMANDS.items()}
    every["restore"] = names.add_parser(
        "restore", help=str(Words("恢复本机环境的数据库", "put the local stack's database back, and settle it"))
    )
    for name in ("backup", "settle", "restore"):
        every[name].add_argument("folder", type=Path, help=str(Words("备份目录", "folder of the backup")))
    every["restore"].add_argument(
        "--wal", type=Path, help=str(Words("备份之后的 WAL 所在目录", "folder with all WAL written since the backup"))
    )
    every["lag"].add_argument(
        "--seconds", type=float, default=3.0, help=str(Words("两次查看的间隔", "between two looks"))
    )
    every["dead"].add_argument("action", choices=["list", "show", "replay", "drop"])
    for name in ("refill", "rebuild", "dead", "seek"):
        every[name].add_argument("service", help=str(Words("服务名", "name of the service")))
    every["refill"].add_argument(
        "--since", type=moment, help=str(Words("只看此后发布的", "only what was published since"))
    )
    every["rebuild"].add_argument(
        "--swap", action="store_true", help=str(Words("以重建的行替换", "keep the rebuilt rows"))
    )
    every["dead"].add_argument("number", type=int, nargs="*", help=str(Words("死信编号", "numbers of letters")))
    every["dead"].add_argument("--reason", default="", help=str(Words("放弃的理由", "why it is dropped")))
    every["seek"].add_argument("topic", help=str(Words("TOPIC 或 TOPIC:PARTITION", "TOPIC or TOPIC:PARTITION")))
    where = every["seek"].add_mutually_exclusive_group(required=True)
    where.add_argument("--offset", type=int, help=str(Words("下一条的位置", "the next offset to read")))
    where.add_argument("--time", type=moment, help=str(Words("从此刻起", "from this moment on (ISO 8601, UTC)")))
    return top


def main() -> int:
    """Runs a command; a failure is told in words, not in a traceback."""
    arguments = parser().parse_args()
    try:
        if arguments.command == "restore":
            return run_restore(arguments)
        place = Place.of_environment(arguments.state)
        return asyncio.run(COMMANDS[arguments.command][0](place, arguments))
    except Told as failure:
        print(f"\n{failure}", file=sys.stderr)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError, TimeoutError) as error:
        said = Words(f"数据库或消息服务未能完成：{error!r}", f"Database or broker did not do it: {error!r}")
        print(f"\n{said.both}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
