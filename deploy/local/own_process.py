"""A server or a service as a process of ours: started and waited for, ended politely or not, the same for all."""

import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local import ports, processes
from deploy.local.failure import Failure
from deploy.local.owner import Owner
from deploy.services import port_setting
from deploy.words import Words

A_RECOVERY = Words("崩溃后的恢复可能需要更久：再运行一次", "a recovery after a crash may need more time: run it again")


class OwnProcess(ABC):
    """One process that listens on `port` and writes to `log`; each kind says what it runs and when it is up."""

    polite = signal.SIGTERM
    last_resort = signal.SIGKILL  # when it does not end politely in time
    slow = Words("看日志里它在等什么，然后再运行一次", "see its log for what it waits for, then run it again")

    def __init__(self, name: str, title: str, state: Path, port: int) -> None:
        self.name = name
        self.title = title
        self.state = state.resolve()
        self.port = port
        self.log = self.state / f"logs/{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._spawning = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process id while this object's process runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @abstractmethod
    def start(self, timeout: float = 60.0) -> None:
        """Starts it and returns when it is up."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it is up: it can do its work now."""

    def wait(self) -> int:
        """Blocks until the process has ended and returns its exit status."""
        assert self._process is not None
        return self._process.wait()

    def stop(self, timeout: float = 30.0) -> None:
        """An orderly end: what it has in hand is finished; after the timeout it is ended the hard way."""
        self.end(self.polite, timeout)

    def close(self) -> None:
        """An orderly end for good: a start that another thread is in the middle of starts nothing any more."""
        with self._spawning:
            self._closed = True
        self.stop()

    def kill(self) -> None:
        """kill -9, for tests of recovery."""
        self.end(signal.SIGKILL, 10.0)

    def _take_place(self) -> None:
        """Ends what an earlier run left of it, and sees that its port is free."""
        processes.end_orphans(self.state, self.name)
        ports.claim(self.port, what=self.title, setting=port_setting(self.name))

    def _launch(
        self,
        command: Sequence[str | Path],
        timeout: float,
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        owner: Owner | None = None,
    ) -> None:
        """Runs the program and waits until it answers; Failure when it ends before, or takes too long."""
        with self._spawning:
            self._check_open()
            self._process = processes.spawn(
                command, state=self.state, part=self.name, log=self.log, env=env, cwd=cwd, owner=owner
            )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.pid is None:
                raise Failure(
                    Words(
                        f"{self.title} 在启动时退出，状态 {self._process.returncode}",
                        f"{self.title} ended with status {self._process.returncode} while it was starting",
                    ),
                    log=self.log,
                    remedy=Words(
                        "原因见上面几行；数据都保留，消除原因后再运行一次",
                        "the lines above say why; its data is kept, run it again once the cause is gone",
                    ),
                )
            if self.answers():
                return
            time.sleep(0.05)
        raise Failure(
            Words(f"{self.title} 在 {timeout:.0f} 秒内没有就绪", f"{self.title} was not ready within {timeout:.0f} s"),
            log=self.log,
            remedy=self.slow,
        )

    def _check_open(self) -> None:
        if self._closed:
            raise Failure(
                Words(f"{self.title} 不再启动：整体正在结束", f"{self.title} is not started: everything is ending"),
                remedy=Words("再运行一次", "run it again"),
            )

    def end(self, number: signal.Signals, timeout: float) -> None:
        """Sends the signal and waits for the end; a process that is still there after `timeout` gets no choice."""
        if self._process is None:
            return
        if self.pid is not None:
            self._process.send_signal(number)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.send_signal(self.last_resort)
            self._process.wait(10)
