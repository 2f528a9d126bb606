"""Made-up organisations with short profiles, told on the topic of the member registry as its relay would."""

import asyncio
import random
from functools import cache

from common.clock import utc_now
from common.events.member_registry import Item, MemberAdmitted, OrganisationFacts
from common.ids import new_id
from common.kafka import start_producer, stop
from common.testing import record_of
from common.text import Bilingual, BilingualText
from common.vocabulary import MemberKind, MemberState, RecordKind, Specialty
from project_matching.engine.glossary import Entry, glossary
from tests.bench.stage import Stage


def organisation(chance: random.Random) -> OrganisationFacts:
    """An enterprise that makes one thing, described with words of the glossary."""
    entries = chance.choices(_entries(), k=8)
    zh, en = "".join(entry.written for entry in entries), " ".join(entry.english[0] for entry in entries)
    return OrganisationFacts(
        name=Bilingual(zh=f"示例企业{chance.randrange(10**6)}", en=f"Example Works {chance.randrange(10**6)}"),
        kind=MemberKind.enterprise,
        record=RecordKind.demo,
        state=MemberState.active,
        region=chance.choice(("CN-11", "CN-31", "CN-44")),
        specialties=(chance.choice(list(Specialty)),),
        items=(Item(title=Bilingual(zh=zh[:60], en=en[:100]), text=BilingualText(zh=zh, en=en)),),
    )


@cache
def _entries() -> list[Entry]:
    return [entry for entry in glossary().entries.values() if entry.english]


async def tell(stage: Stage, many: int) -> None:
    """So many organisations admitted, on the topic."""
    chance = random.Random(many)
    producer = await start_producer(stage.servers.broker.bootstrap, "bench")
    try:
        for first in range(0, many, 1000):
            acks = []
            for _ in range(first, min(first + 1000, many)):
                event = MemberAdmitted(
                    version=1, at=utc_now(), organisation_id=new_id(), organisation=organisation(chance)
                )
                acks.append(await producer.send(**record_of(event)))
            await asyncio.gather(*acks)
    finally:
        await stop(producer)
