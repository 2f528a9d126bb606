"""Work in the background never ends unseen."""

import asyncio

import pytest

from common.background import Pauses, begin, end


async def test_work_that_fails_is_told_of_and_begins_anew(capfd: pytest.CaptureFixture[str]) -> None:
    times = 0

    async def work() -> None:
        nonlocal times
        times += 1
        if times < 3:
            raise LookupError(f"failure number {times}")

    await asyncio.wait_for(begin(work, "a test"), 10)

    assert times == 3
    told = "".join(capfd.readouterr())
    assert "background_work_failed" in told
    assert "LookupError: failure number 2" in told


async def test_what_a_library_cancels_inside_does_not_end_the_work() -> None:
    times = 0

    async def work() -> None:
        nonlocal times
        times += 1
        if times == 1:
            inner = asyncio.create_task(asyncio.Event().wait())
            inner.cancel()
            await inner

    await asyncio.wait_for(begin(work, "a test"), 10)

    assert times == 2


async def test_ending_waits_for_the_last_words_of_all_work() -> None:
    last_words: list[int] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            last_words.append(1)

    tasks = [begin(work, "a test") for _ in range(3)]
    await asyncio.sleep(0)
    await end(tasks)

    assert last_words == [1, 1, 1]


async def test_ending_ends_what_has_lost_its_first_cancellation_or_fails_at_its_end() -> None:
    cancelled = 0

    async def losing() -> None:
        nonlocal cancelled
        while cancelled < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled += 1

    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise LookupError("while cleaning up")

    tasks = [begin(losing, "losing"), begin(failing, "failing")]
    await asyncio.sleep(0)
    await asyncio.wait_for(end(tasks), 10)

    assert cancelled == 2
    assert isinstance(tasks[1].exception(), LookupError)


def test_pauses_grow_to_five_seconds_and_are_short_again_after_good_work(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("common.background.time.monotonic", lambda: now)
    pauses = Pauses()
    assert [pauses.next() for _ in range(6)] == [0.25, 0.5, 1, 2, 4, 5]
    now = 30.0
    assert pauses.next() == 0.25
