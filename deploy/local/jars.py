"""Apache Kafka's jars: fetched by exact coordinate, accepted only with the SHA-256 that `jars.txt` lists."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.failure import Failure
from deploy.words import Words

LIST = Path(__file__).with_name("jars.txt")
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
ATTEMPTS = 3

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Jar:
    """One line of the list: where a jar comes from and what it must be."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name in the folder of jars."""
        return f"{self.artifact}-{self.version}.jar"


def listed(text: str | None = None) -> list[Jar]:
    """The jars of the list, in its order: the class path keeps it, because the AOT cache depends on it."""
    jars = []
    for line in (text or LIST.read_text(encoding="utf-8")).splitlines():
        if line.strip() and not line.startswith("#"):
            coordinate, digest = line.split()
            group, artifact, version = coordinate.split(":")
            jars.append(Jar(group, artifact, version, digest.removeprefix("sha256:")))
    return jars


def missing(folder: Path, jars: list[Jar]) -> list[Jar]:
    """The jars that are not in the folder, or not as listed (all 46 are read in 0.1 s)."""
    return [jar for jar in jars if not _is_whole(jar, folder / jar.file_name)]


def fetch(folder: Path, *, jars: list[Jar] | None = None, progress: Progress | None = None) -> list[Path]:
    """The jars' paths in the order of the list, after those that are missing were fetched and checked."""
    wanted = listed() if jars is None else jars
    lacking = missing(folder, wanted)
    if lacking:
        folder.mkdir(parents=True, exist_ok=True)
        with _certificates(), _scratch(folder) as scratch, ThreadPoolExecutor(max_workers=8) as pool:
            running = [pool.submit(_fetch_one, jar, folder, scratch) for jar in lacking]
            for number, future in enumerate(as_completed(running), start=1):
                if error := future.exception():
                    for other in running:
                        other.cancel()
                    raise error
                if progress:
                    progress(number, len(lacking))
    return [folder / jar.file_name for jar in wanted]


def _is_whole(jar: Jar, path: Path) -> bool:
    return path.exists() and _digest(path) == jar.sha256


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def accept(jar: Jar, fetched: Path, folder: Path) -> None:
    """Moves a fetched file to its place if it is the listed one."""
    found = _digest(fetched)
    if found != jar.sha256:
        fetched.unlink()
        raise Failure(
            Words(
                f"{jar.file_name} 不是应有的文件：SHA-256 {found}，清单为 {jar.sha256}",
                f"{jar.file_name} is not the file that is expected: SHA-256 {found}, listed {jar.sha256}",
            ),
            remedy=Words(
                "再运行一次；若再次出现，说明到仓库途中有设备改动了文件",
                "run it again; if it happens again, what lies between here and the repository changes files",
            ),
        )
    fetched.replace(folder / jar.file_name)


def _fetch_one(jar: Jar, folder: Path, scratch: Path) -> None:
    last: Exception | None = None
    for attempt in range(ATTEMPTS):
        try:
            accept(jar, _download(jar, scratch / f"{jar.artifact}-{attempt}"), folder)
            return
        except (OSError, RuntimeError, Failure) as error:  # requests' errors are OSErrors
            last = error
    if isinstance(last, Failure):
        raise last
    raise Failure(
        Words(f"无法下载 {jar.file_name}：{last}", f"{jar.file_name} could not be fetched: {last}"),
        remedy=Words(
            "检查网络和磁盘空间，然后再运行一次：只补缺少的。可用 ALLIANCE_MAVEN_REPOSITORY 指定 Maven 镜像",
            "check the connection and the room on the disk, then run it again: it goes on with what is missing."
            " A mirror of the Maven repository can be named with ALLIANCE_MAVEN_REPOSITORY",
        ),
    ) from last


def _download(jar: Jar, cache: Path) -> Path:
    """Exactly this coordinate: letting the resolver follow dependencies would mix Kafka versions."""
    from jgo.maven import MavenContext, PythonResolver

    mirror = os.environ.get("ALLIANCE_MAVEN_REPOSITORY")
    context = MavenContext(
        resolver=PythonResolver(), repo_cache=cache, remote_repos={"mirror": mirror} if mirror else None, timeout=30
    )
    return Path(context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder for half-finished downloads, of this process alone; what a killed one left is removed."""
    for left in folder.glob("unfinished-*"):
        if time.time() - left.stat().st_mtime > 3600:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="unfinished-", ignore_cleanup_errors=True) as scratch:
        yield Path(scratch)


@contextmanager
def _certificates() -> Iterator[None]:
    """Trusts what the machine trusts, where it says so: companies add their own authority there."""
    name = "REQUESTS_CA_BUNDLE"
    if name in os.environ or not SYSTEM_CERTIFICATES.exists():
        yield
        return
    os.environ[name] = str(SYSTEM_CERTIFICATES)
    try:
        yield
    finally:
        del os.environ[name]
