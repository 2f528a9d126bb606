"""Dead letters: seen with their reason, given to their reader again, put aside; effects once."""

from typing import Any

import pytest

from common.database import Database, Transaction
from common.events.project_matching import NeedChanged
from common.ids import new_id
from common.reactions import on
from common.testing import send, until
from deploy.operate.dead import drop, replay
from deploy.operate.letters import Letter, State, letters
from deploy.operate.place import Place
from deploy.words import Told
from tests.common.delivery import Seen, consuming, need, publish, relaying
from tests.conftest import Servers


class _Stumbling(Seen):
    """Fails for one need until it is mended."""

    def __init__(self) -> None:
        super().__init__()
        self.bad = new_id()
        self.mended = False

    async def react(self, tx: Transaction, event: NeedChanged) -> None:
        if event.need_id == self.bad and not self.mended:
            raise LookupError("not mended yet")
        await self.one(tx, event)


async def _buried(place: Place, reaction: _Stumbling) -> list[Letter]:
    return [each for each in await letters(place, "feeds") if each.headers.get("ce_subject") == str(reaction.bad)]


async def _until_buried(place: Place, reaction: _Stumbling) -> None:
    async def is_buried() -> bool:
        return bool(await _buried(place, reaction))

    await until(is_buried, timeout=60)


async def test_a_letter_is_replayed_to_its_reader_alone_and_has_its_effect_once(
    servers: Servers, source: Database, target: Database, place: Place
) -> None:
    reaction = _Stumbling()
    async with relaying(servers, source), consuming(servers, target, on(NeedChanged, reaction.react)):
        await publish(source, need(1, reaction.bad))
        await _until_buried(place, reaction)
        (letter,) = await _buried(place, reaction)
        assert letter.state is State.waiting
        assert "not mended yet" in letter.reason
        assert "react" in letter.stack
        assert letter.headers["ce_type"] == NeedChanged.type

        (failed,) = await replay(place, "feeds", [letter.number], patience=60)
        assert failed.processed
        assert failed.again is not None
        assert "not mended yet" in failed.again.reason
        reaction.mended = True
        (done,) = await replay(place, "feeds", [failed.again.number], patience=60)
        assert done.good
        assert reaction.versions(reaction.bad) == [1]
        assert [each.state for each in await _buried(place, reaction)] == [State.replayed, State.replayed]
        with pytest.raises(Told, match="replayed"):
            await replay(place, "feeds", [letter.number])


async def test_a_letter_is_dropped_only_with_a_reason_that_is_kept(
    servers: Servers, source: Database, target: Database, place: Place
) -> None:
    reaction = _Stumbling()
    async with relaying(servers, source), consuming(servers, target, on(NeedChanged, reaction.react)):
        await publish(source, need(1, reaction.bad))
        await _until_buried(place, reaction)
    (letter,) = await _buried(place, reaction)
    with pytest.raises(Told, match="--reason"):
        await drop(place, "feeds", [letter.number], reason=" ")
    with pytest.raises(Told, match="no dead letter 4711"):
        await drop(place, "feeds", [4711], reason="a slip")
    await drop(place, "feeds", [letter.number], reason="a need of a test")
    (dropped,) = await _buried(place, reaction)
    assert dropped.state is State.dropped
    assert dropped.note.endswith("a need of a test")


async def test_what_was_overtaken_by_a_later_version_says_so(
    servers: Servers, target: Database, place: Place, producer: Any
) -> None:
    reaction = _Stumbling()
    async with consuming(servers, target, on(NeedChanged, reaction.react)):
        await send(producer, need(1, reaction.bad))
        await _until_buried(place, reaction)
        reaction.mended = True
        await send(producer, need(2, reaction.bad))
        await until(lambda: reaction.has(reaction.bad, 1), timeout=60)
    (letter,) = await _buried(place, reaction)
    assert letter.state is State.superseded
    with pytest.raises(Told, match="drop it"):
        await replay(place, "feeds", [letter.number])
