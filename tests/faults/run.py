"""One run: a stack, people at work, faults by plan, an end, a judgement."""

import asyncio
import bisect
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.drain import drained
from tests.faults.invariants import Finding, Places, judge
from tests.faults.kinds.fault import Fault
from tests.faults.load.alliance import Alliance, found
from tests.faults.load.client import Entrance
from tests.faults.load.journal import Journal
from tests.faults.load.load import Rates, working
from tests.faults.load.readers import read_to_the_end
from tests.faults.report import Struck, say
from tests.faults.stack.stack import PATIENCE, WORKERS, Stack, running


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
    worth: int = 15
    """Commands that must have succeeded in such a time, or it lasts longer: a busy machine gets less done."""
    rates: Rates = field(default_factory=Rates)
    patches: Mapping[str, Sequence[str]] = field(default_factory=dict)
    small_disks: bool = False
    count: Mapping[str, int] = field(default_factory=lambda: WORKERS)
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
        """Nothing lost, and every fault has fired: one that met nothing has shown nothing."""
        fired = all(one.fired for one in self.struck)
        return fired and self.complete and not self.refused and not any(finding.wrong for finding in self.findings)


async def carry_out(run: Run) -> Outcome:
    """The whole run; what came of it is told when it is over, also when a fault met nothing."""
    began = time.monotonic()
    async with running(
        run.name, count=run.count, patches=run.patches, sql=run.sql, small_disks=run.small_disks
    ) as stack:
        say(f"{len(stack.workers)} service processes, PostgreSQL and Kafka are up")
        journal = Journal(stack.state / "journal.jsonl")
        workers = {service: stack.of(service) for service in run.count}
        alliance = await found(stack, Entrance(workers, journal, random.Random(run.seed)))
        async with working(alliance, run.rates):
            await work(journal, run.first, run.worth)
            struck = await strike_all(run, stack, journal)
        complete = await settle(stack, alliance)
        findings = await judge_stack(stack, journal)
        await alliance.entrance.http.aclose()
        journal.close()
        if journal.tried["500"]:
            journal.refused.append(f"{journal.tried['500']} answers were 500, a fault of the moment is 503")
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
    usual = journal_rate(journal, journal.successes[-run.worth :][0], time.monotonic())
    say(f"{usual:.1f} successful commands a second before the first fault")
    struck: list[Struck] = []
    for number, fault in enumerate(run.plan, 1):
        if fault.needs_small_disks and not stack.small_disks:
            say(f"{number}/{len(run.plan)} SKIPPED, this account may not mount a small disk: {fault.name}")
            continue
        say(f"{number}/{len(run.plan)} {fault.name}")
        await stack.tended()
        await stack.ready()
        await fault.strike(stack)
        await asyncio.sleep(fault.seconds)
        await fault.heal(stack)
        healed = time.monotonic()
        if not fault.fired():
            say(f"✗ met nothing: {fault.name} (seed {run.seed})")
        await work(journal, run.calm, run.worth)
        struck.append(_struck(fault, journal, healed, usual))
    return struck


async def work(journal: Journal, seconds: float, worth: int) -> None:
    """So long, and until so much was done; but not for ever."""
    before, began = len(journal.successes), time.monotonic()
    while (passed := time.monotonic() - began) < seconds or len(journal.successes) < before + worth:
        if passed > PATIENCE:
            return
        await asyncio.sleep(0.2)


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
    await stack.tended()
    await stack.ready()
    complete = await drained(stack)
    for who in [*alliance.hospitals, *alliance.enterprises]:
        await read_to_the_end(who, f"{who.organisation_id} afterwards")
    return complete


async def judge_stack(stack: Stack, journal: Journal) -> list[Finding]:
    """The invariants, from databases, topics and journal alone."""
    places = Places(stack.admin_url, stack.broker.bootstrap, journal.path)
    findings = await judge(places)
    for finding in findings:
        say(str(finding))
    return findings
