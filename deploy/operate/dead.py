"""`dead replay` and `dead drop`: a letter is given to its reader again, or put aside with a reason that is kept."""

import asyncio
import getpass
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from common.kafka import committed_offsets, dead_letter_topic, replay_topic, start_producer, stop
from deploy.operate.letters import ABOUT, ADDED, OUTCOME, WHY, Letter, State, letters
from deploy.operate.place import Place, check_service
from deploy.words import Told, Words


@dataclass(frozen=True)
class Replayed:
    """What came of a letter: processed by its reader, or given up again as the letter `again`."""

    letter: Letter
    processed: bool
    again: Letter | None

    @property
    def good(self) -> bool:
        return self.processed and self.again is None


async def replay(place: Place, service: str, numbers: Sequence[int], *, patience: float = 30.0) -> list[Replayed]:
    """Give these letters (all that wait, if none is named) to this service once more, and to nobody else.

    They go over a topic that only this service reads. The inbox keeps effects single however often it is done. Letters
    that the reader has not come to within `patience` seconds are not `processed` yet: they wait in the topic.
    """
    chosen = await _chosen(place, service, numbers)
    if not chosen:
        return []
    producer = await start_producer(place.kafka, "operate")
    try:
        sent = [await _send(producer, service, letter) for letter in chosen]
        for letter in chosen:
            await _note(producer, service, letter, State.replayed, "")
    finally:
        await stop(producer)
    reached = await _reached(place, service, max(sent), patience)
    after = {letter.origin: letter for letter in await letters(place, service)}
    topic = replay_topic(service)
    return [
        Replayed(letter, offset < reached, after.get(f"{topic}/0/{offset}"))
        for letter, offset in zip(chosen, sent, strict=True)
    ]


async def drop(place: Place, service: str, numbers: Sequence[int], *, reason: str) -> list[Letter]:
    """Put these letters aside; the reason and who gave it stay beside them. Failure without numbers or reason."""
    if not numbers or not reason.strip():
        raise Told(Words("放弃死信须写明编号和 --reason。", "To drop letters say which (numbers) and why (--reason)."))
    chosen = await _chosen(place, service, numbers, also=(State.superseded, State.done))
    producer = await start_producer(place.kafka, "operate")
    try:
        for letter in chosen:
            await _note(producer, service, letter, State.dropped, f"{getpass.getuser()}: {reason.strip()}")
    finally:
        await stop(producer)
    return chosen


async def _chosen(place: Place, service: str, numbers: Sequence[int], *, also: Sequence[State] = ()) -> list[Letter]:
    """Failure when one of these is not there or has been seen to."""
    check_service(service)
    known = {letter.number: letter for letter in await letters(place, service)}
    if not numbers:
        return [letter for letter in known.values() if letter.state is State.waiting]
    for number in numbers:
        if number not in known:
            raise Told(Words(f"{service} 没有编号为 {number} 的死信。", f"{service} has no dead letter {number}."))
        if (state := known[number].state) not in (State.waiting, *also):
            raise Told(
                Words(
                    f"死信 {number} 的状态是 {state}，不能再处理。{_hint(state)[0]}",
                    f"Dead letter {number} is {state}: nothing to do. {_hint(state)[1]}",
                )
            )
    return [known[number] for number in dict.fromkeys(numbers)]


def _hint(state: State) -> tuple[str, str]:
    if state is State.superseded:
        return "该服务已处理更新的版本，重放不会有效果；请用 drop。", "Its reader has applied a later version: drop it."
    return "", ""


async def _send(producer: Any, service: str, letter: Letter) -> int:
    headers = [(name, value) for name, value in letter.record.headers if name not in ADDED]
    ack = await producer.send_and_wait(
        replay_topic(service), letter.record.value, key=letter.record.key, headers=headers
    )
    return int(ack.offset)


async def _note(producer: Any, service: str, letter: Letter, outcome: State, why: str) -> None:
    headers = [(ABOUT, str(letter.number).encode()), (OUTCOME, outcome.encode()), (WHY, why.encode())]
    await producer.send_and_wait(dead_letter_topic(service), b"", key=letter.record.key, headers=headers)


async def _reached(place: Place, service: str, last: int, patience: float) -> int:
    """The offset of the replay topic up to which the service has come, at the latest after `patience` seconds."""
    partition, until = TopicPartition(replay_topic(service), 0), time.monotonic() + patience
    while True:
        reached = (await committed_offsets(place.kafka, service)).get(partition, 0)
        if reached > last or time.monotonic() > until:
            return reached
        await asyncio.sleep(0.2)
