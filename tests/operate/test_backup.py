"""A database put back as it was: what came since returns from the topics once, and versions go on."""

import asyncio
from pathlib import Path

import pytest

from common.database import Database
from common.events.project_matching import NeedChanged
from common.ids import new_id
from common.reactions import on_many
from common.testing import until
from deploy.local.secrets import Secrets
from deploy.operate.backup import backup, positions_in
from deploy.operate.groups import group_of
from deploy.operate.place import Place
from deploy.operate.restore import put_back, restore
from deploy.operate.settle import settle
from deploy.words import Told
from tests.common.delivery import Seen, consuming, need, publish, relaying
from tests.conftest import Servers

_SUBSCRIPTION = """
INSERT INTO subscription (id, version, organisation_id, active, name_en, specialties, achievement_types, wanted,
                          regions, words_all, words_any, words_none, created_at, changed_at)
VALUES ($1, 1, $1, true, 'of a test', '{}', '{}', '{}', '{}', '{}', '{}', '{}', now(), now())
"""


async def test_after_a_restore_everything_agrees_with_the_topics_again(
    servers: Servers, source: Database, target: Database, place: Place, tmp_path: Path
) -> None:
    kept, later, seen, again = new_id(), new_id(), Seen(), Seen()
    async with relaying(servers, source), consuming(servers, target, on_many(NeedChanged, seen.many)):
        await source.execute(_SUBSCRIPTION, kept)
        await publish(source, need(1, kept))
        await until(lambda: seen.has(kept, 1), timeout=60)
        await backup(place, tmp_path / "copy", secrets=Secrets(servers.state).file)
        await publish(source, need(2, kept), need(3, kept), need(1, later))
        await source.execute("UPDATE subscription SET version = 3 WHERE id = $1", kept)
        await until(lambda: seen.has(kept, 3), timeout=60)
        await until(lambda: seen.has(later, 1), timeout=60)

    servers.postgres.stop()
    put_back(servers.state, tmp_path / "copy")
    await asyncio.to_thread(servers.postgres.start)

    async def has_left() -> bool:
        return not (await group_of(place, "feeds")).active

    await until(has_left, timeout=60)
    settled = await settle(place, positions_in(tmp_path / "copy"))
    lost = {one.id: one for one in settled.lost}
    assert (lost[kept].version, lost[kept].there) == (3, True)
    assert (lost[later].version, lost[later].there) == (1, False)
    assert await source.fetch_value("SELECT version FROM subscription WHERE id = $1", kept) == 3
    assert (await settle(place, positions_in(tmp_path / "copy"))).lost == tuple(
        one for one in settled.lost if not one.there
    )

    async with relaying(servers, source), consuming(servers, target, on_many(NeedChanged, again.many)):
        await until(lambda: again.has(later, 1), timeout=60)
        await publish(source, need(4, kept))
        await until(lambda: again.has(kept, 3), timeout=60)
    assert again.versions(kept) == [2, 3, 4]
    assert again.versions(later) == [1]


async def test_with_the_wal_written_since_the_backup_nothing_is_missing(
    servers: Servers, source: Database, place: Place, tmp_path: Path
) -> None:
    before, since = new_id(), new_id()
    await source.execute(_SUBSCRIPTION, before)
    await backup(place, tmp_path / "copy")
    await source.execute(_SUBSCRIPTION, since)
    servers.postgres.stop()
    (servers.postgres.files.data / "pg_wal").rename(tmp_path / "pg_wal")

    with pytest.raises(Told, match="no WAL segments"):
        put_back(servers.state, tmp_path / "copy", tmp_path)
    put_back(servers.state, tmp_path / "copy", tmp_path / "pg_wal")
    await asyncio.to_thread(servers.postgres.start)
    for kept in (before, since):
        assert await source.fetch_value("SELECT version FROM subscription WHERE id = $1", kept) == 1


async def test_a_folder_that_is_no_backup_is_refused(servers: Servers, place: Place, tmp_path: Path) -> None:
    with pytest.raises(Told, match="no whole backup"):
        await restore(servers.state, tmp_path)
    (tmp_path / "something").touch()
    with pytest.raises(Told, match="is not empty"):
        await backup(place, tmp_path)


async def test_a_running_system_is_not_restored(servers: Servers, place: Place, tmp_path: Path) -> None:
    (tmp_path / "backup.json").write_text('{"positions": {}}')
    with pytest.raises(Told, match="make stop"):
        await restore(servers.state, tmp_path)
