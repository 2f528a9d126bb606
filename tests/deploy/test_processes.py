"""Which processes count as ours: those that bear the mark of the folder, and no others."""

import signal
import subprocess
from pathlib import Path

from deploy.local import processes


def test_only_marked_processes_of_the_same_folder_count_as_ours(state: Path) -> None:
    ours = processes.spawn(["sleep", "60"], state=state, part="feeds", log=state / "log")
    other = processes.spawn(["sleep", "60"], state=state / "other", part="feeds", log=state / "log")
    unmarked = subprocess.Popen(["sleep", "60"])
    try:
        assert [process.pid for process in processes.started(state)["feeds"]] == [ours.pid]
        assert processes.end_orphans(state, "feeds")
        assert ours.wait(5) == -signal.SIGTERM
        assert other.poll() is None
        assert unmarked.poll() is None
    finally:
        for process in (other, unmarked):
            process.kill()
            process.wait()


def test_a_trial_run_inside_the_folder_is_ours_under_its_own_name(state: Path) -> None:
    trial = processes.spawn(["sleep", "60"], state=state / "run/kafka_training", part="kafka", log=state / "log")
    try:
        assert set(processes.started(state)) == {"kafka_training"}
        assert not processes.end_orphans(state, "kafka")
        assert trial.poll() is None
    finally:
        trial.kill()
        trial.wait()


def test_a_log_that_has_grown_large_is_put_aside(state: Path) -> None:
    log = state / "logs/feeds.log"
    log.parent.mkdir()
    with log.open("wb") as file:
        file.truncate(processes.LARGE_LOG + 1)
    processes.spawn(["true"], state=state, part="feeds", log=log).wait()
    assert log.stat().st_size == 0
    assert (state / "logs/feeds.log.1").stat().st_size == processes.LARGE_LOG + 1
