"""`restore`: a backup's files in the place of PostgreSQL's, then everything that has to agree with the topics again."""

import asyncio
import filecmp
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


async def restore(state: Path, folder: Path) -> Settled:
    """The local stack's database as it was; the files it had are kept beside it. Failure while anything runs."""
    positions = positions_in(folder)
    held = record.lock(state)
    if held is None or processes.started(state):
        raise Told(Words("系统正在运行；先执行 make stop。", "It is running: make stop first."))
    with held:
        put_back(state, folder)
        postgres, broker = Postgres(state, server_port("postgres")), Broker(state, server_port("kafka"))
        try:
            await asyncio.to_thread(postgres.start)
            await asyncio.to_thread(broker.start)
            return await settle(Place(postgres.url(), broker.bootstrap), positions)
        finally:
            broker.stop()
            postgres.stop()


def put_back(state: Path, folder: Path) -> None:
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
    half.chmod(0o700)
    if owner := files.owner:
        owner.take(half)
    if files.data.exists():
        files.data.rename(files.home / f"data.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    half.rename(files.data)
