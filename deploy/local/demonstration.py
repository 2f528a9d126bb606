"""Loads the demonstration once, through the public address, after everything is ready."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from deploy.local import processes
from deploy.local.failure import Failure
from deploy.local.secrets import Secrets
from deploy.local.service import public_url
from deploy.services import ROOT
from deploy.words import Words

PART = "demo"
FOLDER = ROOT / "deploy/demo"


def load(state: Path) -> None:
    """Runs `python -m deploy.demo load`, which adds only what is missing and draws its own progress."""
    loaded = state / "run/demo-loaded"
    edition = _edition()
    if loaded.exists() and loaded.read_text() == edition:
        return
    environment = {
        **os.environ,
        "ALLIANCE_PUBLIC_URL": public_url(),
        "ALLIANCE_FIRST_SECRETARIAT": Secrets(state).first_secretariat(),
        processes.MARK: processes.mark(state, PART),
    }
    # Its output belongs to the person in front of the terminal, not into a log.
    ended = subprocess.run([sys.executable, "-m", "deploy.demo", "load"], cwd=ROOT, env=environment, check=False)
    if ended.returncode != 0:
        raise Failure(
            Words(
                f"演示数据没有全部载入（状态 {ended.returncode}）",
                f"the demonstration was not loaded completely (status {ended.returncode})",
            ),
            remedy=Words(
                "没有演示数据系统也能用；要补齐缺少的：make stop，make run",
                "the system runs without it; to go on with what is missing: make stop, make run",
            ),
        )
    loaded.write_text(edition)


def _edition() -> str:
    """Changes whenever any of the demonstration's records does."""
    digest = hashlib.sha256()
    for path in sorted(path for path in FOLDER.rglob("*") if path.suffix in (".gz", ".json")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
