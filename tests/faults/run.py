"""One run: a stack, people at work, faults by plan, an end, a judgement."""

import asyncio
import bisect
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from deploy.setup.database import at_database
from tests.faults.drain import drained, waiting
from tests.faults.invariants import Finding, Places, judge
from tests.faults.invariants.i5_rebuild import SECOND
from tests.faults.kinds.fault import Fault, NotFired
from tests.faults.load.alliance import Alliance, found
from tests.faults.load.client import Entrance
from tests.faults.load.journal import Journal
from tests.faults.load.load import Rates, working
from tests.faults.load.readers import read_to_the_end
from tests.faults.report import Struck, say
from tests.faults.stack.stack import Stack, prepare, running


@dataclass
class Run:
    """What a run is made of; everything random in it comes from the seed."""

    name: str
    seed: int
    plan: Sequence[Fault]
    calm: float = 6.0
    """Seconds of undisturbed work between two faults."""
    first: float = 8.0
    """Seconds of undisturbed work before the first fault."""
    rates: Rates = field(default_factory=Rates)
    patches: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sql: str = ""
    """Run by the superuser once the schemas are there."""


@dataclass
class Outcome:
    """What came of it."""

    complete: bool
    refused: list[str]
    struck: list[Struck]
    findings: list[Finding]
    events: int
    seconds: float

    @property
    def good(self) -> bool:
        return self.complete and not self.refused and not any(finding.wrong for finding in self.findings)


async def carry_out(run: Run) -> Outcome:
    """Raises NotFired when a fault met nothing."""
    began = time.monotonic()
    async with running(run.name, patches=run.patches, sql=run.sql) as stack:
        say(f"{len(stack.workers)} service processes, PostgreSQL and Kafka are up")
        journal = Journal(stack.state / "journal.jsonl")
        workers = {service: stack.of(service) for service in ("member_registry", "project_matching", "feeds")}
        alliance = await found(stack, Entrance(workers, journal, random.Random(run.seed)))
        async with working(alliance, run.rates):
            await asyncio.sleep(run.first)
            struck = await strike_all(run, stack, journal)
        complete = await settle(stack, alliance)
        findings = await judge_stack(stack, journal)
        await alliance.entrance.http.aclose()
        journal.close()
        for refusal in journal.refused[:5]:
            say(f"✗ refused without a reason: {refusal}")
        say(f"requests: {dict(journal.tried.most_common())}")
        events = findings[0].counts
        return Outcome(
            complete,
            journal.refused,
            struck,
            findings,
            sum(count for name, count in events.items() if name.startswith("of ")),
            time.monotonic() - began,
        )


async def strike_all(run: Run, stack: Stack, journal: Journal) -> list[Struck]:
    """One fault after the other, with calm between them."""
    usual = journal_rate(journal, time.monotonic() - run.first, time.monotonic())
    say(f"{usual:.1f} successful commands a second before the first fault")
    struck: list[Struck] = []
    for number, fault in enumerate(run.plan, 1):
        say(f"{number}/{len(run.plan)} {fault.name}")
        await fault.strike(stack)
        await asyncio.sleep(fault.seconds)
        await fault.heal(stack)
        healed = time.monotonic()
        if not fault.fired():
            raise NotFired(f"{fault.name} (seed {run.seed})")
        await asyncio.sleep(run.calm)
        struck.append(_struck(fault, journal, healed, usual))
    return struck


def _struck(fault: Fault, journal: Journal, healed: float, usual: float) -> Struck:
    place = bisect.bisect_left(journal.successes, healed)
    first = journal.successes[place] - healed if place < len(journal.successes) else None
    rate = journal_rate(journal, healed, time.monotonic())
    return Struck(fault.name, fault.fired(), fault.kills, first, rate / usual if usual else 0.0)


def journal_rate(journal: Journal, start: float, end: float) -> float:
    return sum(start <= moment < end for moment in journal.successes) / max(end - start, 0.1)


async def settle(stack: Stack, alliance: Alliance) -> bool:
    """Wait until nothing is under way, then let one reader of each feed read all of it."""
    say("the load has ended; waiting for all that is under way")
    await stack.ready(timeout=90)
    complete = await drained(stack, report=say, look=waiting)
    for who in [*alliance.hospitals, *alliance.enterprises]:
        await read_to_the_end(who, f"{who.organisation_id} afterwards")
    return complete


async def judge_stack(stack: Stack, journal: Journal, *, dead_letters: int = 0) -> list[Finding]:
    """The invariants, from databases, topics and journal alone."""
    await prepare(stack, SECOND)
    places = Places(stack.admin_url, stack.broker.bootstrap, journal.path)
    assert at_database(stack.admin_url, "alliance") == stack.admin_url
    findings = await judge(places, dead_letters=dead_letters)
    for finding in findings:
        say(str(finding))
    return findings
