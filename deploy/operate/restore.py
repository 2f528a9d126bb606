"""`restore`: a backup's files in the place of PostgreSQL's, then everything that has to agree with the topics again."""

import asyncio
import filecmp
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

from deploy.local import processes, record
from deploy.local.kafka import Broker
from deploy.local.postgres import Postgres
from deploy.local.postgres_files import PostgresFiles
from deploy.operate.backup import DATA, SECRETS, positions_in
from deploy.operate.place import Place
from deploy.operate.settle import Settled, settle
from deploy.services import server_port
from deploy.words import Told, Words

_SEGMENT = re.compile(r"([0-9A-F]{24})(\.partial)?|[0-9A-F]{8}\.history")


async def restore(state: Path, folder: Path, wal: Path | None = None) -> Settled:
    """The local stack's database as it was; the files it had are kept beside it. Failure while anything runs.

    With `wal`, a folder that has all segments since the backup, as it was at the end of the last of them.
    """
    positions = positions_in(folder)
    held = record.lock(state)
    if held is None or processes.started(state):
        raise Told(Words("系统正在运行；先执行 make stop。", "It is running: make stop first."))
    with held:
        put_back(state, folder, wal)
        postgres, broker = Postgres(state, server_port("postgres")), Broker(state, server_port("kafka"))
        try:
            await asyncio.to_thread(postgres.start)
            await asyncio.to_thread(broker.start)
            return await settle(Place(postgres.url(), broker.bootstrap), positions)
        finally:
            broker.stop()
            postgres.stop()


def put_back(state: Path, folder: Path, wal: Path | None = None) -> None:
    """Replace the data folder of a server that is down; secrets are put back where there are none."""
    kept, secrets = folder / SECRETS, state / SECRETS
    if kept.exists() and secrets.exists() and not filecmp.cmp(kept, secrets, shallow=False):
        raise Told(
            Words(
                f"备份的密码与 {secrets} 不同：两者不属于同一系统。请先移开该文件。",
                f"The backup's passwords differ from {secrets}: they are of different systems. Move that file away.",
            )
        )
    if kept.exists() and not secrets.exists():
        state.mkdir(parents=True, exist_ok=True)
        shutil.copy2(kept, secrets)
    files = PostgresFiles(state)
    files.place()
    half = files.home / "data.restored"
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(folder / DATA, half)
    if wal is not None:
        _add_wal(wal, half / "pg_wal")
    half.chmod(0o700)
    if owner := files.owner:
        owner.take(half)
    if files.data.exists():
        files.data.rename(files.home / f"data.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    half.rename(files.data)


def _add_wal(wal: Path, target: Path) -> None:
    """What the backup's server wrote later; its start recovers to the end of it. A begun segment counts too."""
    files = sorted(wal.iterdir(), reverse=True)  # a whole segment after a begun one of the same name
    named = [(path, match) for path in files if (match := _SEGMENT.fullmatch(path.name))]
    if not named:
        raise Told(Words(f"{wal} 中没有 WAL 段。", f"There are no WAL segments in {wal}."))
    for path, match in named:
        shutil.copy2(path, target / (match[1] or path.name))
