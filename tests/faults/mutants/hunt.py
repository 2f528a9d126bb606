"""`make faults MUTANTS=1`: first the product as it is under the same faults, then each broken variant."""

from tests.faults.mutants import BUSY, FEW, MUTANTS, Mutant
from tests.faults.report import say
from tests.faults.run import Outcome, Run, carry_out


async def hunt(seed: int, chosen: list[str]) -> bool:
    """True when the unbroken product is clean and every mutant is caught."""
    lines = []
    good = True
    if not chosen:
        plan = [fault for mutant in MUTANTS.values() for fault in mutant.plan()]
        outcome = await carry_out(Run("control", seed, plan, calm=2, first=4, rates=BUSY, count=FEW))
        good = outcome.good
        lines.append(f"{'clean ' if good else 'BROKEN'}  {'the product as it is':<34} {_measure(outcome)}")
    for name in chosen or MUTANTS:
        line, caught = await _caught(name, MUTANTS[name], seed)
        lines.append(line)
        good &= caught
    print("\n".join(lines), flush=True)
    return good


async def _caught(name: str, mutant: Mutant, seed: int) -> tuple[str, bool]:
    say(f"mutant {name}")
    patches = {service: [name] for service in mutant.services}
    outcome = await carry_out(
        Run(
            name, seed, mutant.plan(), calm=4, first=6, worth=60, rates=BUSY, patches=patches, count=FEW, sql=mutant.sql
        )
    )
    by = [finding.name for finding in outcome.findings if finding.wrong]
    verdict = f"caught by {', '.join(by)}" if by else "SURVIVED"
    return f"{'caught' if by else 'MISSED'}  {name:<34} {verdict}, {_measure(outcome)}", bool(by)


def _measure(outcome: Outcome) -> str:
    return f"{outcome.events} events, {outcome.seconds:.0f} s"
