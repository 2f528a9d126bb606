"""All of it at once, and its end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from tests.faults.load import deeds, readers
from tests.faults.load.alliance import Alliance
from tests.faults.load.client import Refused

Deed: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Rates:
    """Seconds between one person's deeds on average, and how much of each stays."""

    needs: float = 2.5
    keep_needs: int = 12
    admissions: float = 3.0
    most_admissions: int = 40
    profiles: float = 12.0
    subscriptions: float = 6.0
    keep_subscriptions: int = 4
    answers: float = 3.0


@asynccontextmanager
async def working(alliance: Alliance, rates: Rates) -> AsyncIterator[None]:
    """Everybody at work while the block runs; a mistake in what they do ends the run."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_again(deed, alliance)) for deed in _deeds(alliance, rates, asyncio.Queue())]
        yield
        for task in tasks:
            task.cancel()


async def _again(deed: Deed, alliance: Alliance) -> None:
    """A refusal that is not expected is noted; the person begins anew."""
    while True:
        try:
            await deed()
            return
        except Refused as refusal:
            alliance.entrance.journal.refused.append(str(refusal))


def _deeds(alliance: Alliance, rates: Rates, submitted: asyncio.Queue[str]) -> Iterator[Deed]:
    secretariat = alliance.secretariat
    yield partial(deeds.publish_needs, secretariat, submitted)
    yield partial(deeds.admit, secretariat, pause=rates.admissions, most=rates.most_admissions)
    for number, who in enumerate(alliance.hospitals):
        yield partial(deeds.post_needs, who, alliance, submitted, pause=rates.needs, keep=rates.keep_needs)
        yield partial(deeds.answer, who, pause=rates.answers)
        yield partial(readers.pull, who, f"hospital {number} pulls")
    for number, who in enumerate(alliance.enterprises):
        yield partial(deeds.subscribe, who, pause=rates.subscriptions, keep=rates.keep_subscriptions)
        yield partial(deeds.change_profile, who, pause=rates.profiles)
        yield partial(deeds.answer, who, pause=rates.answers)
        yield partial(readers.listen, who, f"enterprise {number} listens")
        yield partial(readers.pull, who, f"enterprise {number} pulls")
