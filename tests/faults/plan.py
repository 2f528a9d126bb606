"""Which faults strike in which order: drawn from a seed, so that a run can be had again."""

import random

from tests.faults.kinds.fault import Fault
from tests.faults.kinds.network import Cut
from tests.faults.kinds.processes import Killed, Paused, RelayKilled
from tests.faults.kinds.servers import BrokerAway, PostgresShutDown, PowerCut

NAMES = [f"{service}-{n}" for service in ("member_registry", "project_matching", "feeds") for n in (0, 1)]


def short_plan(chance: random.Random) -> list[Fault]:
    """About a minute: one of each of the kinds that have found most."""
    plan: list[Fault] = [
        RelayKilled("project_matching"),
        Killed(chance.choice(NAMES[2:4]), chance.choice(NAMES[4:])),
        PostgresShutDown(),
        Cut("kafka", chance.choice(NAMES[2:]), seconds=2, reset=chance.random() < 0.5),
        BrokerAway(1),
    ]
    chance.shuffle(plan)
    return plan


def long_plan(chance: random.Random) -> list[Fault]:
    """Every kind at least once, more than twenty kills."""
    order = ["postgres", "kafka", "services"]
    chance.shuffle(order)
    plan: list[Fault] = [
        *(RelayKilled(service) for service in ("member_registry", "project_matching", "feeds")),
        *(Killed(name) for name in NAMES),
        Killed(*NAMES),
        PowerCut(tuple(order)),
        Paused("project_matching", 8),
        Paused("feeds", 32),
        PostgresShutDown(),
        PostgresShutDown(5),
        BrokerAway(2),
        BrokerAway(10, killed=False),
        Cut("postgres", "project_matching-0", seconds=1),
        Cut("postgres", "feeds-0", "feeds-1", seconds=10),
        Cut("postgres", "project_matching-1", seconds=10, reset=True),
        Cut("kafka", "project_matching-0", "project_matching-1", seconds=10),
        Cut("kafka", "feeds-1", seconds=10, ways=("down",)),
        Cut("kafka", "feeds-0", seconds=1, reset=True),
    ]
    chance.shuffle(plan)
    return plan
