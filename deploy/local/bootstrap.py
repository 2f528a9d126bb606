"""Makes the Python environment in `.local/venv` from `requirements.lock`; needs Python's own library only.

Run by the machine's Python before anything else: `python3 -m deploy.local.bootstrap`. Does nothing when the
environment is whole and made from the lock as it is now; makes it anew when it is broken or half made.
"""

from __future__ import annotations  # an interpreter that is too old must get as far as to say so

import csv
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.local.failure import Failure, of_system
from deploy.words import Words

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
VENV = LOCAL / "venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "made-from"
SOURCE_ROOTS = ("services", "libs")
OLDEST = (3, 11)
NEEDED_BYTES = 1_500_000_000
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def main() -> int:
    """Brings the environment up to date; tells a failure in words."""
    try:
        _check_python()
        LOCAL.mkdir(exist_ok=True)
        with (LOCAL / "bootstrap.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # `make run` and `make test` may start together
            if not is_whole():
                _make()
    except Failure as error:
        print(f"\n{NOT_MADE.both}\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\n{NOT_MADE.both}\n{of_system(error)}", file=sys.stderr)
        return 1
    return 0


def fingerprint() -> str:
    """What an environment is made from: the lock, the interpreter and the place (programs hold its path)."""
    parts = (LOCK.read_bytes(), sys.version.encode(), sys.executable.encode(), str(ROOT).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_whole() -> bool:
    """Whether the environment was finished, fits the lock, starts, and lacks no file of any package."""
    try:
        if STAMP.read_text() != fingerprint():
            return False
        subprocess.run([VENV / "bin/python", "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return not any(True for _ in lacking_files())


def lacking_files() -> list[str]:
    """Files that the packages' own lists name and that are not there."""
    lacking = []
    for listing in VENV.glob("lib/python*/site-packages/*.dist-info/RECORD"):
        folder = os.fspath(listing.parents[1])
        with listing.open(newline="", encoding="utf-8") as rows:
            names = [row[0] for row in csv.reader(rows) if row and not row[0].endswith(".pyc")]
        lacking += [name for name in names if not os.path.lexists(os.path.join(folder, name))]  # noqa: PTH118
    return lacking


def _make() -> None:
    began = time.monotonic()
    _say(
        "正在 .local/venv 建立 Python 环境（仅一次；requirements.lock 变化时才重做）",
        "making the Python environment in .local/venv (once; again only when requirements.lock changes)",
    )
    if shutil.disk_usage(LOCAL).free < NEEDED_BYTES and not VENV.exists():
        raise Failure(
            Words(
                f"{LOCAL} 所在磁盘的空闲不足 {NEEDED_BYTES // 10**6} MB",
                f"less than {NEEDED_BYTES // 10**6} MB are free on the disk of {LOCAL}",
            ),
            remedy=Words("清理磁盘", "make room"),
        )
    broken = STAMP.exists() and STAMP.read_text() == fingerprint()
    STAMP.unlink(missing_ok=True)
    clear = ["--clear"] if broken or not _starts() else []
    _run(
        [sys.executable, "-m", "venv", *clear, str(VENV)],
        Words("建立虚拟环境", "making a virtual environment"),
        NO_VENV,
    )
    installer = _pinned_uv().splitlines()[0].split()[0]
    _say(f"下载安装程序（{installer}）", f"fetching the installer ({installer})")
    _install_uv()
    _say(
        "下载软件包，包括 PostgreSQL 和 Java 运行环境", "fetching packages, PostgreSQL and the Java runtime among them"
    )
    _run([VENV / "bin/uv", "pip", "sync", "--require-hashes", LOCK], FETCHING, NO_PACKAGES, shown=True)
    for folder in VENV.glob("lib/python*/site-packages"):
        (folder / "source_roots.pth").write_text("".join(f"{ROOT / name}\n" for name in SOURCE_ROOTS))
    STAMP.write_text(fingerprint())
    took = f"{time.monotonic() - began:.1f}"
    _say(f"{took} 秒后环境就绪", f"the environment is ready after {took} s")


def _starts() -> bool:
    try:
        return (
            subprocess.run([VENV / "bin/python", "-c", "import pip"], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def _pinned_uv() -> str:
    """The lines of the lock that name the installer and its hashes."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("uv=="))
    last = next(n for n in range(first, len(lines)) if not lines[n].endswith("\\"))
    return "\n".join(lines[first : last + 1]) + "\n"


def _install_uv() -> None:
    listed = LOCAL / "uv.txt"
    listed.write_text(_pinned_uv())
    pip = [
        str(VENV / "bin/python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    try:
        _run([*pip, "--no-deps", "-r", str(listed)], Words("下载安装程序", "fetching the installer"), NO_PACKAGES)
    finally:
        listed.unlink()


def _environment() -> dict[str, str]:
    """uv's settings: no foreign Python, the machine's certificates, pip's index, a cache that can be written."""
    given = {**os.environ, "VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
    if CERTIFICATES.exists():
        given.setdefault("SSL_CERT_FILE", str(CERTIFICATES))
    if index := os.environ.get("PIP_INDEX_URL"):
        given.setdefault("UV_DEFAULT_INDEX", index)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME", "/nonexistent")) / ".cache")
    if not os.access(home if home.exists() else home.parent, os.W_OK):
        given["UV_CACHE_DIR"] = str(LOCAL / "cache/uv")
        given["PIP_CACHE_DIR"] = str(LOCAL / "cache/pip")
    return given


NOT_MADE = Words("无法建立 Python 环境", "The Python environment could not be made")
FETCHING = Words("下载软件包", "fetching packages")
NO_VENV = Words(
    "安装 Python 的 venv 模块（Debian、Ubuntu：apt-get install python3-venv），然后再运行一次",
    "install Python's venv module (Debian, Ubuntu: apt-get install python3-venv), then run it again",
)
NO_PACKAGES = Words(
    "检查网络（需要代理？设置 HTTPS_PROXY；自有软件源？设置 PIP_INDEX_URL）和磁盘空间，"
    "然后再运行一次：已下载的会继续使用",
    "check the connection (a proxy? set HTTPS_PROXY; an own package index? set PIP_INDEX_URL) and the room on the"
    " disk, then run it again: it goes on with what was fetched",
)


def _run(command: Sequence[str | Path], what: Words, remedy: Words, *, shown: bool = False) -> None:
    """Runs a program; on a terminal one that is `shown` draws its own progress, else a failure tells its output."""
    output = None if shown and sys.stderr.isatty() else subprocess.PIPE
    ended = subprocess.run(
        command, env=_environment(), cwd=ROOT, stdout=output, stderr=output and subprocess.STDOUT, check=False
    )
    if ended.returncode != 0:
        lines = (ended.stdout or b"").decode("utf-8", "replace").strip().splitlines()
        status = ended.returncode
        failed = Words(f"{what.zh}失败，状态 {status}", f"{what.en} ended with status {status}")
        raise Failure(failed, remedy=remedy, last_lines=lines[-12:])


def _check_python() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        raise Failure(
            Words(
                f"Python {found} 太旧，需要 {OLDEST[0]}.{OLDEST[1]} 或更新",
                f"Python {found} is too old, {OLDEST[0]}.{OLDEST[1]} or newer is needed",
            ),
            remedy=Words(
                "指定较新的版本，例如：make PYTHON=python3.11 run",
                "name a newer one, for example: make PYTHON=python3.11 run",
            ),
        )


def _say(zh: str, en: str) -> None:
    print(f"  … {Words(zh, en)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
