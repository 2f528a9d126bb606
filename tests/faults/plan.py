"""Which faults strike in which order: drawn from a seed, so that a run can be had again."""

import random
import shutil

from tests.faults.kinds.clocks import ClockOff
from tests.faults.kinds.disks import DiskFull, DiskLost, FlushFails
from tests.faults.kinds.fault import Fault
from tests.faults.kinds.locks import ColumnAdded, OldSnapshot, RelayLockHeld, TableLocked
from tests.faults.kinds.logs import LogCut, LogLost
from tests.faults.kinds.members import RebalanceStorm, SlowConsumer
from tests.faults.kinds.network import Cut, Slow
from tests.faults.kinds.points import POINTS, DiesAt
from tests.faults.kinds.processes import Killed, Paused, RelayKilled
from tests.faults.kinds.records import Duplicates, Poison
from tests.faults.kinds.servers import BrokerAway, PostgresShutDown, PowerCut
from tests.faults.kinds.supervisors import SupervisorKilled, SupervisorKilledStarting, SupervisorPaused
from tests.faults.stack.stack import WORKERS

SERVICES = tuple(WORKERS)
NAMES = [f"{service}-{n}" for service in SERVICES for n in (0, 1)]


def short_plan(chance: random.Random) -> list[Fault]:
    """About a minute: one of each of the kinds that have found most."""
    plan: list[Fault] = [
        RelayKilled("project_matching"),
        SupervisorKilled(chance.choice(NAMES[2:]), seconds=4),
        PostgresShutDown(),
        Cut("kafka", chance.choice(NAMES[2:]), seconds=6, reset=chance.random() < 0.5),
        BrokerAway(1),
    ]
    chance.shuffle(plan)
    return plan


def long_plan(chance: random.Random) -> list[Fault]:
    """Every kind at least once, in a drawn order; poison comes last, because a lost log would lose it too."""
    plan = [*_processes(chance), *_servers(chance), *_network(chance), *_data(chance)]
    chance.shuffle(plan)
    return [*plan, Poison()]


def _processes(chance: random.Random) -> list[Fault]:
    return [
        *(RelayKilled(service) for service in SERVICES),
        Killed(*chance.sample(NAMES, 2)),
        Killed(*NAMES),
        SupervisorKilled(chance.choice(NAMES)),
        SupervisorKilledStarting(chance.choice(NAMES)),
        SupervisorPaused(chance.choice(NAMES)),
        *(DiesAt(_passing(point, chance), point, chance.randint(2, 6)) for point in POINTS),
        Paused("project_matching", 32),
        Paused("feeds", 9),
        ClockOff(chance.choice(NAMES[2:]), chance.choice([-3600, 3600])),
        ClockOff("member_registry-0", chance.choice([-3600, 3600])),
        RebalanceStorm("feeds"),
        SlowConsumer("feeds-0"),
    ]


def _passing(point: str, chance: random.Random) -> str:
    """A service that comes to this point under the load: nobody sends commands to feeds."""
    return "project_matching" if point == "between commit and answer" else chance.choice(SERVICES[1:])


def _servers(chance: random.Random) -> list[Fault]:
    order = ["postgres", "kafka", "services"]
    chance.shuffle(order)
    return [
        PowerCut(tuple(order)),
        PostgresShutDown(),
        PostgresShutDown(5),
        BrokerAway(2),
        BrokerAway(60, killed=False),
        DiskFull("postgres"),
        DiskFull("kafka"),
        DiskLost(),
        *([FlushFails()] if shutil.which("strace") else []),
    ]


def _network(chance: random.Random) -> list[Fault]:
    one, other = chance.sample(NAMES[2:], 2)
    return [
        Cut("postgres", one, seconds=1),
        Cut("postgres", one, other, seconds=10),
        Cut("postgres", "project_matching-0", "project_matching-1", seconds=60),
        Cut("postgres", other, seconds=10, reset=True),
        Cut("kafka", one, seconds=1, reset=True),
        Cut("kafka", "project_matching-0", "project_matching-1", seconds=10),
        Cut("kafka", other, seconds=10, ways=("down",)),
        Slow("postgres", one, seconds=6, delay=0.05),
    ]


def _data(chance: random.Random) -> list[Fault]:
    return [
        LogLost(),
        LogCut(),
        Duplicates(random.Random(chance.random())),
        TableLocked("project_matching.need"),
        RelayLockHeld(chance.choice(SERVICES), 12),
        OldSnapshot(60),
        ColumnAdded(),
    ]
