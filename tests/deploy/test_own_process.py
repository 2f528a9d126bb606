"""What every process of ours has in common: how it is waited for, and how it ends."""

import signal
import sys
from pathlib import Path

import pytest

from deploy.local import processes
from deploy.local.failure import Failure
from deploy.local.own_process import OwnProcess
from deploy.local.ports import free_port


class Trial(OwnProcess):
    """Runs a line of Python; it is up once it has made its file."""

    def __init__(self, state: Path, code: str) -> None:
        super().__init__("trial", "The trial", state, free_port())
        self.code = code

    def start(self, timeout: float = 10.0) -> None:
        self._take_place()
        self._launch([sys.executable, "-c", self.code], timeout, cwd=self.state)

    def answers(self) -> bool:
        return (self.state / "up").exists()


UP = "import pathlib, signal, time; pathlib.Path('up').touch(); "
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "


def test_it_is_started_with_its_mark_and_ended_politely(state: Path) -> None:
    trial = Trial(state, UP + "time.sleep(60)")
    trial.start()
    assert [process.pid for process in processes.started(state)["trial"]] == [trial.pid]
    trial.stop()
    assert trial.pid is None
    assert trial.wait() == -signal.SIGTERM


def test_one_that_does_not_listen_is_ended_all_the_same(state: Path) -> None:
    trial = Trial(state, DEAF + UP + "time.sleep(60)")
    trial.start()
    trial.stop(timeout=0.1)
    assert trial.wait() == -signal.SIGKILL


def test_one_that_was_closed_while_its_start_was_prepared_is_not_started(state: Path) -> None:
    trial = Trial(state, UP + "time.sleep(60)")
    trial.close()
    with pytest.raises(Failure, match="is not started"):
        trial.start()
    assert processes.started(state) == {}


def test_one_that_ends_while_it_starts_is_told_with_its_last_words(state: Path) -> None:
    trial = Trial(state, "import sys; print('no such thing'); sys.exit(3)")
    with pytest.raises(Failure) as failure:
        trial.start()
    assert "The trial ended with status 3 while it was starting" in str(failure.value)
    assert "| no such thing" in str(failure.value)


def test_one_that_never_answers_is_given_up(state: Path) -> None:
    trial = Trial(state, "import time; time.sleep(60)")
    with pytest.raises(Failure, match="was not ready within 0 s"):
        trial.start(timeout=0.2)
    trial.kill()


def test_what_was_never_started_can_be_stopped(state: Path) -> None:
    trial = Trial(state, "")
    trial.stop()
    assert trial.pid is None
