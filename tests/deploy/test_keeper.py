"""What keeps a part alive: restarts after a pause that grows, tells each change, ends when it is told to."""

import queue
import threading
from itertools import pairwise

import pytest

from deploy.local import keeper
from deploy.local.failure import Failure
from deploy.local.keeper import Keeper, State
from deploy.words import Words


class Fragile:
    """A part that ends when the test says so, and may refuse to start."""

    name = "fragile"
    pid = None

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.refusals = 0
        self.starts = 0

    def start(self) -> None:
        self.starts += 1
        if self.refusals > 0:
            self.refusals -= 1
            raise Failure(Words("现在不行", "not now"), remedy=Words("等", "wait"))
        self.ended.clear()

    def wait(self) -> int:
        assert self.ended.wait(10)
        return 1

    def stop(self) -> None:
        self.ended.set()

    close = stop


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> tuple[Keeper, Fragile, "queue.Queue[State]"]:
    monkeypatch.setattr(keeper, "FIRST_PAUSE", 0.02)
    states: queue.Queue[State] = queue.Queue()
    part = Fragile()
    return Keeper(part, lambda changed: states.put(changed.state)), part, states


Kept = tuple[Keeper, Fragile, "queue.Queue[State]"]


def test_a_part_that_dies_is_started_again_and_its_end_is_told(kept: Kept) -> None:
    kept_alive, part, states = kept
    kept_alive.start()
    part.ended.set()
    assert [states.get(timeout=5) for _ in range(5)] == ["starting", "ready", "waiting", "starting", "ready"]
    assert (kept_alive.restarts, kept_alive.exit_status, part.starts) == (1, 1, 2)
    kept_alive.stop()
    assert states.get(timeout=5) == "stopped"


def test_a_part_that_cannot_start_again_is_tried_until_it_can(kept: Kept) -> None:
    kept_alive, part, states = kept
    kept_alive.start()
    part.refusals = 3
    part.ended.set()
    seen = [states.get(timeout=5) for _ in range(11)]
    assert seen[2:] == [*["waiting", "starting"] * 4, "ready"]
    assert kept_alive.restarts == 4
    assert kept_alive.error is None
    kept_alive.stop()


def test_the_pause_grows_from_death_to_death(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_alive, part, states = kept
    pauses: list[float] = []
    wait = kept_alive._stopping.wait

    def noted(seconds: float) -> bool:
        pauses.append(seconds)
        return wait(0.001)

    monkeypatch.setattr(kept_alive._stopping, "wait", noted)
    kept_alive.start()
    for _ in range(4):
        part.ended.set()
        while states.get(timeout=5) != "starting" or states.get(timeout=5) != "ready":
            pass
    assert all(later == 2 * earlier for earlier, later in pairwise(pauses))
    kept_alive.stop()


def test_a_first_start_that_fails_is_not_repeated(kept: Kept) -> None:
    kept_alive, part, _ = kept
    part.refusals = 1
    with pytest.raises(Failure, match="not now"):
        kept_alive.start()
    assert part.starts == 1
