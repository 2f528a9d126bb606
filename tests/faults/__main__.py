"""`make faults`: the real services under load and faults, then what must hold; MUTANTS=1: the same for broken variants.

A seed gives the same plan again: python -m tests.faults --seed 7
"""

import argparse
import asyncio
import random
import secrets
import sys
from collections.abc import Sequence

from tests.faults.kinds.fault import Fault
from tests.faults.mutants import MUTANTS
from tests.faults.mutants.hunt import hunt
from tests.faults.plan import long_plan, short_plan
from tests.faults.report import say, table
from tests.faults.run import Run, carry_out


def main() -> int:
    """0 when every invariant holds and every fault has fired."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000), help="of the plan and the load")
    parser.add_argument("--short", action="store_true", help="the run that is part of `make test`")
    parser.add_argument("--mutants", nargs="*", metavar="NAME", help=f"broken variants: {', '.join(MUTANTS)}")
    parser.add_argument("--only", nargs="+", default=[""], metavar="WORDS", help="faults whose line has these words")
    chosen = parser.parse_args()
    if chosen.mutants is not None:
        return 0 if asyncio.run(hunt(chosen.seed, chosen.mutants)) else 1
    draw = short_plan if chosen.short else long_plan
    plan = [fault for fault in draw(random.Random(chosen.seed)) if _meant(fault, chosen.only)]
    say(f"seed {chosen.seed}: {len(plan)} faults, {sum(fault.kills for fault in plan)} kills")
    for fault in plan:
        say(f"  {fault.name}")
    outcome = asyncio.run(carry_out(Run("long", chosen.seed, plan, small_disks=True)))
    print(table(outcome.struck))
    verdict = "nothing lost" if outcome.good else f"NOT GOOD, seed {chosen.seed}"
    say(f"{verdict}: {outcome.events} events, {len(outcome.struck)} faults, {outcome.seconds:.0f} s")
    return 0 if outcome.good else 1


def _meant(fault: Fault, words: Sequence[str]) -> bool:
    return any(word in fault.name for word in words)


if __name__ == "__main__":
    sys.exit(main())
