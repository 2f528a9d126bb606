"""Migrations by dbmate: common's and a service's own files, into the service's schema, under the migration role."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.services import MIGRATOR, ROOT
from deploy.words import Told, Words


def folders(service: str) -> list[Path]:
    """Where a service's migrations lie: those every service shares, then its own."""
    places = (ROOT / "libs/common/migrations", ROOT / "services" / service / "migrations")
    return [place for place in places if any(place.glob("*.sql"))]


async def migrate(url: str, password: str, services: Sequence[str]) -> None:
    """Brings each service's schema up to date, all at once: they share nothing."""
    from deploy.setup.database import at_database

    base = at_database(url, url.rpartition("/")[2], role=MIGRATOR, password=password)
    await asyncio.gather(*(_migrate_one(base, service) for service in services))


async def _migrate_one(base: str, service: str) -> None:
    places = folders(service)
    if not places:
        return
    options = ["--no-dump-schema", "--env-file", os.devnull, "--migrations-table", f"{service}.schema_migrations"]
    for place in places:
        options += ["--migrations-dir", str(place)]
    # The URL goes by the environment: a command line is visible to everybody on the machine.
    environment = {**os.environ, "DATABASE_URL": f"{base}?sslmode=disable&search_path={service},public"}
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "dbmate"),
        *options,
        "migrate",
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        said = output.decode("utf-8", "replace").strip()  # nothing of the migration that failed was kept
        raise Told(Words(f"{service} 的数据库迁移失败", f"migrating {service}: {said}"))
