"""`--detach`: the same run in the background, its output shown until it is up or has failed."""

import subprocess
import sys
import time
from pathlib import Path

from deploy.local import record
from deploy.services import ROOT


def run_in_background(state: Path, command: str) -> int:
    """Returns 0 once everything is up, else the status the run ended with."""
    log = state / "logs/run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", command, "--state", str(state)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            start_new_session=True,
        )
    try:
        return _follow(child, log, state)
    except KeyboardInterrupt:
        child.terminate()
        child.wait(60)
        return 130


def _follow(child: subprocess.Popen[bytes], log: Path, state: Path) -> int:
    with log.open(encoding="utf-8", errors="replace") as lines:
        while True:
            status = child.poll()
            known = record.read(state)
            up = known.up and known.pid == child.pid
            sys.stdout.write(lines.read())
            sys.stdout.flush()
            if up:
                return 0
            if status is not None:
                return status or 1
            time.sleep(0.1)
