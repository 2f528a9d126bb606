"""The environment is made once, and made again when it is broken, half made, moved or out of date."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import bootstrap
from deploy.local.failure import Failure


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished environment with one package, made from a lock of one line."""
    monkeypatch.setattr(bootstrap, "LOCAL", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "venv/made-from")
    monkeypatch.setattr(bootstrap, "LOCK", tmp_path / "requirements.lock")
    (tmp_path / "requirements.lock").write_text("trial==1\n")
    package = tmp_path / "venv/lib/python3.11/site-packages"
    (package / "trial-1.dist-info").mkdir(parents=True)
    (package / "trial.py").touch()
    (package / "trial-1.dist-info/RECORD").write_text(
        "trial.py,,\ntrial-1.dist-info/RECORD,,\n__pycache__/trial.pyc,,\n"
    )
    (tmp_path / "venv/bin").mkdir()
    (tmp_path / "venv/bin/python").symlink_to(sys.executable)
    bootstrap.STAMP.write_text(bootstrap.fingerprint())
    return tmp_path


def test_a_finished_environment_is_left_alone(whole: Path) -> None:
    assert bootstrap.is_whole()


def test_another_lock_asks_for_another_environment(whole: Path) -> None:
    bootstrap.LOCK.write_text("trial==2\n")
    assert not bootstrap.is_whole()


def test_an_environment_that_was_not_finished_is_noticed(whole: Path) -> None:
    bootstrap.STAMP.unlink()
    assert not bootstrap.is_whole()


def test_a_file_that_a_package_lacks_is_noticed(whole: Path) -> None:
    (whole / "venv/lib/python3.11/site-packages/trial.py").unlink()
    assert bootstrap.lacking_files() == ["trial.py"]
    assert not bootstrap.is_whole()


def test_an_interpreter_that_is_gone_is_noticed(whole: Path) -> None:
    (whole / "venv/bin/python").unlink()
    (whole / "venv/bin/python").symlink_to("/nowhere/python3")
    assert not bootstrap.is_whole()


def test_a_folder_that_was_moved_is_noticed(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", whole / "elsewhere")
    assert not bootstrap.is_whole()


def test_a_program_that_fails_is_told_with_its_last_words_and_a_remedy() -> None:
    words = [sys.executable, "-c", "import sys; print('no route to host'); sys.exit(3)"]
    with pytest.raises(Failure) as failure:
        bootstrap._run(words, bootstrap.FETCHING, bootstrap.NO_PACKAGES)
    assert "fetching packages ended with status 3" in str(failure.value)
    assert "| no route to host" in str(failure.value)
    assert "what to do: check the connection" in str(failure.value)


def test_a_home_that_cannot_be_written_moves_the_caches_into_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert bootstrap._environment()["UV_CACHE_DIR"].startswith(str(bootstrap.LOCAL))


def test_the_installer_is_pinned_with_hashes_in_the_lock_itself() -> None:
    lines = bootstrap._pinned_uv().splitlines()
    assert lines[0].startswith("uv==")
    assert all("--hash=sha256:" in line for line in lines[1:])
    assert len(lines) > 10


def test_an_old_python_is_told_which_one_is_needed() -> None:
    code = "import sys; sys.version_info = (3, 9, 2); from deploy.local import bootstrap; sys.exit(bootstrap.main())"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=bootstrap.ROOT, env=os.environ, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert "Python 3.9.2 is too old, 3.11 or newer is needed" in ended.stderr
