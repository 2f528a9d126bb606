"""Keeps one part alive: starts it, waits for its end, starts it again after a growing pause."""

import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol

from deploy.local.failure import Failure

State = Literal["stopped", "starting", "ready", "waiting", "failed"]

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds of life after which the next death counts as the first


class Part(Protocol):
    """A server or a service that can be kept."""

    name: str

    @property
    def pid(self) -> int | None: ...
    def start(self) -> None: ...
    def wait(self) -> int: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


class Keeper:
    """One thread for one part; blocked in the kernel, and so free of cost, while the part lives."""

    def __init__(self, part: Part, changed: Callable[["Keeper"], None]) -> None:
        self.part = part
        self.state: State = "stopped"
        self.restarts = 0
        self.exit_status: int | None = None
        self.error: str | None = None
        self._changed = changed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"keep {part.name}", daemon=True)

    def start(self) -> None:
        """The first start, in the caller's thread: raises what goes wrong; from then on the part is kept."""
        self._set("starting")
        self.part.start()
        self._set("ready")
        self._thread.start()

    def stop(self) -> None:
        """Ends the part and stops keeping it."""
        self._stopping.set()
        self.part.close()
        if self._thread.is_alive():
            self._thread.join(5)
        self._set("stopped")

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = time.monotonic()
            self.exit_status = self.part.wait()
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE if time.monotonic() - began > STEADY else pause
            pause = self._revive(pause)

    def _revive(self, pause: float) -> float:
        """Tries until the part is up again; returns the pause before the next try after the next death."""
        while True:
            self._set("waiting")
            if self._stopping.wait(pause):
                return pause
            pause = min(pause * 2, LONGEST_PAUSE)
            self.restarts += 1
            self._set("starting")
            try:
                self.part.start()
            except (Failure, OSError) as error:
                self.error = str(error)
                self.part.stop()
            else:
                self.error = None
                self._set("ready")
                return pause

    def _set(self, state: State) -> None:
        self.state = state
        self._changed(self)
