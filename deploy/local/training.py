"""Records once what lets Kafka's Java start in a second: a trial broker's start and stop, written to a cache.

It runs in the background after the first `make run` is up, at the lowest priority, and delays nothing. Without the
cache, or with one that fits no longer, Kafka starts all the same, only slower.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from deploy.local import jvm, processes
from deploy.local.kafka import Broker
from deploy.local.ports import free_port
from deploy.services import ROOT

PART = "kafka_training"


def start_in_background(state: Path) -> subprocess.Popen[bytes] | None:
    """Starts the recording if it is still to be made."""
    if jvm.cache().exists():
        return None
    return processes.spawn(
        [sys.executable, "-m", "deploy.local", "train", "--state", state],
        state=state,
        part=PART,
        log=state / "logs/kafka_training.log",
        cwd=ROOT,
    )


def train(state: Path, patience: float = 120.0) -> bool:
    """Records the cache with a broker of its own; True when it is there afterwards."""
    os.nice(19)
    folder = (state / "run/kafka_training").resolve()
    recorded = folder / "recorded.aot"
    broker = Broker(folder, free_port(), controller_port=free_port())
    try:
        broker.start(timeout=patience, record=recorded)
        broker.stop(timeout=patience)
        deadline = time.monotonic() + patience
        while not recorded.exists() and time.monotonic() < deadline:  # written after the broker has ended
            time.sleep(0.2)
        if recorded.exists():
            recorded.replace(jvm.cache())
        return jvm.cache().exists()
    finally:
        broker.kill()
        shutil.rmtree(folder, ignore_errors=True)
