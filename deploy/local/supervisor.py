"""What every supervisor does: it keeps parts alive, writes down how they are, listens for its end, takes all down."""

import contextlib
import signal
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType

import psutil

from deploy.local import ports, processes, record
from deploy.local.console import Console
from deploy.local.keeper import Keeper
from deploy.local.own_process import OwnProcess
from deploy.words import Words

SERVERS = ("postgres", "kafka")


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM while something was still under way."""


class Supervisor(ABC):
    """One run of some parts in one state folder: `up()`, then `watch()`, and `down()` in any case."""

    def __init__(self, state: Path, console: Console) -> None:
        self.state = state.resolve()
        self.console = console
        self._keepers: dict[str, Keeper] = {}
        self._record = record.fresh()
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._going_down = False

    @abstractmethod
    def up(self) -> None:
        """Everything up, or Failure with what went wrong first; nothing is left half done for the next run."""

    def note_up(self) -> None:
        """Writes down that the system can be used."""
        self._record.up = True
        self.write()

    def watch(self) -> None:
        """Blocks until somebody asks for the end; the keepers do the work."""
        while not self._stop.wait(timeout=3600):
            pass

    def down(self) -> None:
        """Ends what was started, services before servers, and whatever else bears this folder's mark."""
        self._going_down = True
        services = [keeper for name, keeper in self._keepers.items() if name not in SERVERS]
        servers = [keeper for name, keeper in self._keepers.items() if name in SERVERS]
        for group in (services, servers):
            with ThreadPoolExecutor() as pool:
                list(pool.map(Keeper.stop, group))
        while left := processes.started(self.state):
            end_in_order(left)
        self._record.up = False
        with contextlib.suppress(OSError):  # a full disk: the record is read as what it was, the supervisor is gone
            self.write()

    def listen_to_signals(self) -> None:
        """Ctrl-C, SIGTERM and a closed terminal end the run; while it comes up they interrupt it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        first = not self._stop.is_set()
        self._stop.set()
        if first and not self._going_down and not self._record.up:
            raise Interrupted

    def end_leftovers(self) -> None:
        """What an earlier run of this folder left running is ended before anything is started."""
        if left := processes.started(self.state):
            names = ", ".join(left)
            with self.console.step(
                Words(f"结束上次运行遗留的进程：{names}", f"ending what an earlier run left: {names}")
            ):
                end_in_order(left)

    def keep(self, part: OwnProcess) -> None:
        """The first start of a part, which raises what goes wrong; from then on it is kept alive."""
        keeper = self._keepers[part.name] = Keeper(part, self._changed)
        with self.console.step(Words(part.title, part.title)) as step:
            keeper.start()
            step.update(f"{ports.HOST}:{part.port}")

    def _changed(self, keeper: Keeper) -> None:
        name, was = keeper.part.name, self._record.parts.get(keeper.part.name)
        self._record.parts[name] = record.PartRecord(
            keeper.state, keeper.restarts, keeper.exit_status, keeper.error, time.time()
        )
        self.write()
        if self._going_down or was is None:
            return
        if keeper.state == "waiting":
            ended = Words(f"已退出，状态 {keeper.exit_status}", f"ended with status {keeper.exit_status}")
            self.console.warn(f"{name}: {keeper.error or ended}; {Words('将重新启动', 'it is started again')}")
        elif keeper.state == "ready" and keeper.restarts:
            back = Words(f"已恢复（第 {keeper.restarts} 次重启）", f"is back (restart {keeper.restarts})")
            self.console.say(f"  ✓ {name} {back}")

    def write(self) -> None:
        """The record, whole: what `make status` and `make stop` read."""
        with self._writing:
            record.write(self.state, self._record)


def end_in_order(left: dict[str, list[psutil.Process]]) -> None:
    """Services first, so that they can finish what they have in hand, then the servers."""
    processes.end([process for name, found in left.items() if name not in SERVERS for process in found])
    processes.end(left.get("postgres", []), first=signal.SIGINT)
    processes.end(left.get("kafka", []))


def together(*tasks: Callable[[], None]) -> None:
    """Runs tasks at the same time; the first failure is raised at once, without waiting for the others."""
    failed = threading.Event()
    errors: list[BaseException] = []

    def guarded(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:
            errors.append(error)
            failed.set()

    threads = [threading.Thread(target=guarded, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not failed.is_set():
        for thread in threads:
            thread.join(0.05)
    if errors:
        raise errors[0]
