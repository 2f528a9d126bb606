"""Deliberately broken variants: each must be caught, or the harness would not notice the real mistake either."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.faults.kinds.fault import Fault
from tests.faults.kinds.locks import RelayLockHeld
from tests.faults.kinds.members import LateIndex
from tests.faults.kinds.network import Slow
from tests.faults.kinds.points import DiesAt
from tests.faults.kinds.processes import Killed
from tests.faults.kinds.records import Duplicates
from tests.faults.load.load import Rates
from tests.faults.mutants import delivery, rules

BUSY = Rates(needs=0.7, keep_needs=60, admissions=0.5, most_admissions=400, profiles=3.0, subscriptions=2.0)
"""More at the same moment, and nothing is withdrawn: what was missed stays visible."""
FEW = {"member_registry": 1, "project_matching": 2, "feeds": 1}
"""Enough processes for every mistake to show."""
BOTH = ("project_matching-0", "project_matching-1")


@dataclass(frozen=True)
class Mutant:
    """What is broken, in which services, and the faults that make it bite."""

    change: Callable[[], None]
    services: tuple[str, ...]
    plan: Callable[[], Sequence[Fault]]
    sql: str = ""
    """What the broken variant would have had in its migrations."""


def _dies(service: str, point: str) -> list[Fault]:
    return [DiesAt(service, point, number) for number in (4, 9)]


_ALL = (
    Mutant(
        delivery.relay_deletes_before_the_ack,
        tuple(FEW),
        lambda: _dies("project_matching", "between sending and ack"),
    ),
    Mutant(
        delivery.relay_pages_by_a_cursor,
        ("project_matching",),
        lambda: [Slow("postgres", BOTH[0], seconds=12, delay=0.03)],
    ),
    Mutant(delivery.offset_before_the_effect, ("feeds",), lambda: _dies("feeds", "between fetch and effect")),
    Mutant(delivery.inbox_not_looked_at, ("feeds",), lambda: [Duplicates(random.Random(1))]),
    Mutant(delivery.inbox_in_its_own_transaction, ("feeds",), lambda: _dies("feeds", "between inbox and effect")),
    Mutant(
        rules.matching_from_the_command,
        ("project_matching",),
        # Needs wait in the outbox; profiles that the other worker hears of meanwhile are matched without them.
        lambda: [RelayLockHeld("project_matching", 12), RelayLockHeld("project_matching", 12)],
    ),
    Mutant(
        rules.index_not_brought_to_the_ends,
        ("project_matching",),
        lambda: [Killed(*BOTH, down=4), LateIndex(BOTH[0])],
    ),
    Mutant(
        rules.feed_numbers_from_a_sequence,
        ("feeds",),
        lambda: [Killed("feeds-0")],
        "CREATE SEQUENCE feeds.item_number; GRANT USAGE ON SEQUENCE feeds.item_number TO feeds",
    ),
    Mutant(
        rules.key_stored_after_the_effect,
        ("project_matching",),
        lambda: _dies("project_matching", "between commit and answer"),
    ),
)
MUTANTS: dict[str, Mutant] = {mutant.change.__name__: mutant for mutant in _ALL}
