"""A host: some workers and the supervisor that keeps them, which is a process of its own and can be killed too."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import processes, record
from deploy.services import ROOT
from tests.faults.stack.supervisor import SPECIFICATION
from tests.faults.stack.worker import Worker

ENDS_WITHIN = 40.0
"""Seconds in which a supervisor has taken everything down that it keeps."""


@dataclass
class Host:
    """`folder` lies in the stack's: a supervisor looks after its own processes there, and not after the servers."""

    name: str
    state: Path
    folder: Path
    workers: Sequence[Worker]
    supervisor: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def names(self) -> list[str]:
        """Of its workers."""
        return [worker.name for worker in self.workers]

    def start(self) -> None:
        """A supervisor, which ends what an earlier one left and starts every worker."""
        self.folder.mkdir(parents=True, exist_ok=True)
        parts = [
            {
                "name": worker.name,
                "service": worker.service.name,
                "port": worker.port,
                "environment": worker.environment(self.state),
                "patches": list(worker.patches),
            }
            for worker in self.workers
        ]
        (self.folder / SPECIFICATION).write_text(json.dumps(parts), encoding="utf-8")
        self.supervisor = processes.spawn(
            [sys.executable, "-m", "tests.faults.stack.supervisor", self.folder],
            state=self.state,
            part=self.name,
            log=self.state / f"logs/{self.name}.log",
            cwd=ROOT,
        )

    def kill(self) -> None:
        """SIGKILL to the supervisor alone; its workers live on."""
        assert self.supervisor is not None
        self.supervisor.kill()
        self.supervisor.wait(10)

    def signal(self, number: signal.Signals) -> None:
        """To the supervisor."""
        assert self.supervisor is not None
        self.supervisor.send_signal(number)

    @property
    def kept(self) -> bool:
        """Whether there is a supervisor."""
        return self.supervisor is not None and self.supervisor.poll() is None

    def settled(self) -> bool:
        """Whether it has had every worker up: from then on restarts are counted."""
        told = record.read(self.folder)
        return self.kept and self.supervisor is not None and told.up and told.pid == self.supervisor.pid

    async def stop(self) -> None:
        """The supervisor takes its workers down, or is killed; what it leaves is ended with the stack's folder."""
        if self.supervisor is None or not self.kept:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self.supervisor.wait, ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
