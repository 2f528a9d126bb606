"""A supervisor as `make run` has it, for the workers of one host, whose servers are elsewhere.

python -m tests.faults.stack.supervisor <the host's folder>
"""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from deploy.local import record
from deploy.local.console import Console
from deploy.local.failure import Failure
from deploy.local.own_process import OwnProcess
from deploy.local.ports import HOST
from deploy.local.service import health
from deploy.local.supervisor import Interrupted, Supervisor, together
from deploy.services import ROOT
from tests.faults.stack.worker import once

SPECIFICATION = "workers.json"


class KeptWorker(OwnProcess):
    """A service's process in which something may be changed before it starts."""

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        service: str,
        port: int,
        environment: Mapping[str, str],
        patches: Sequence[str],
    ) -> None:
        super().__init__(name, name, folder, port)
        self._service = service
        self._environment = environment
        self._patches = patches

    def start(self, timeout: float = 180.0) -> None:
        self._take_place()
        patches = [*self._patches, *self._only_now()]
        module = ["tests.faults.entry", *patches] if patches else ["common.serving"]
        self._launch([sys.executable, "-m", *module, self._service], timeout, cwd=ROOT, env=self._environment)

    def _only_now(self) -> list[str]:
        told = once(self.state, self.name)
        patches: list[str] = json.loads(told.read_text(encoding="utf-8")) if told.exists() else []
        told.unlink(missing_ok=True)
        return patches

    def answers(self) -> bool:
        return bool(health(f"http://{HOST}:{self.port}").get("ready"))


class Workers(Supervisor):
    """Every worker of a host."""

    def up(self) -> None:
        self.end_leftovers()
        self.write()
        parts = json.loads((self.state / SPECIFICATION).read_text(encoding="utf-8"))
        together(*(partial(self._bring_up, KeptWorker(self.state, **part)) for part in parts))

    def _bring_up(self, worker: KeptWorker) -> None:
        """As an init system would: what does not start because its servers are not there yet is started again."""
        while True:
            try:
                return self.keep(worker)
            except Failure as failure:
                self.console.warn(str(failure))
                worker.stop()
                time.sleep(1)

    def watch(self) -> None:
        """Until it is to end, or until whoever ran the stack is gone: nobody else would end it then."""
        runner = os.getppid()
        while not self._stop.wait(timeout=2) and os.getppid() == runner:
            pass


def main() -> None:
    """Until it is told to end; one at a time in a folder."""
    folder = Path(sys.argv[1])
    held = record.lock(folder, patience=5)
    assert held is not None, f"{folder} has a supervisor already"
    workers = Workers(folder, Console())
    workers.listen_to_signals()
    with suppress(Interrupted):
        workers.up()
        workers.note_up()
        workers.watch()
    workers.down()
    os._exit(0)


if __name__ == "__main__":
    main()
