"""What was read a moment ago is not read again, and what is being read is read once."""

import asyncio

import pytest

from common.recent import Recent


class Source:
    """Answers slowly, with what it is told to, and counts how often it is asked."""

    def __init__(self, *answers: int | Exception | None) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def read(self) -> int | None:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        await asyncio.sleep(0.01)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_those_who_ask_at_once_wait_for_one_reading() -> None:
    recent, source = Recent[str, int](60), Source(1, 2)
    assert await asyncio.gather(*(recent.get("a", source.read) for _ in range(20))) == [1] * 20
    assert await recent.get("a", source.read) == 1
    assert (source.asked, await recent.get("b", source.read)) == (1, 2)


async def test_what_was_read_is_forgotten_after_its_time() -> None:
    recent, source = Recent[str, int](0.02), Source(1, 2)
    assert await recent.get("a", source.read) == 1
    await asyncio.sleep(0.03)
    assert await recent.get("a", source.read) == 2


async def test_nothing_and_errors_are_not_remembered_and_not_passed_on() -> None:
    recent, source = Recent[str, int](60), Source(ZeroDivisionError(), None, 3)
    found = await asyncio.gather(*(recent.get("a", source.read) for _ in range(3)), return_exceptions=True)
    assert [type(found[0]), *sorted(found[1:], key=str)] == [ZeroDivisionError, 3, None]
    assert await recent.get("a", source.read) == 3


async def test_a_reader_who_gives_up_leaves_the_others_reading() -> None:
    recent, source = Recent[str, int](60), Source(1, 2)
    first = asyncio.create_task(recent.get("a", source.read))
    others = [asyncio.create_task(recent.get("a", source.read)) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert 1 not in await asyncio.gather(*others)
