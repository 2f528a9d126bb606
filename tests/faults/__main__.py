"""`make faults`: the real services under load and faults, then what must hold.

A seed gives the same plan again: python -m tests.faults --seed 7
"""

import argparse
import asyncio
import random
import secrets
import sys

from tests.faults.plan import long_plan, short_plan
from tests.faults.report import say, table
from tests.faults.run import Run, carry_out


def main() -> int:
    """0 when every invariant holds and every fault has fired."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000), help="of the plan and the load")
    parser.add_argument("--short", action="store_true", help="the run that is part of `make test`")
    chosen = parser.parse_args()
    draw = short_plan if chosen.short else long_plan
    plan = draw(random.Random(chosen.seed))
    say(f"seed {chosen.seed}: {len(plan)} faults, {sum(fault.kills for fault in plan)} kills")
    for fault in plan:
        say(f"  {fault.name}")
    outcome = asyncio.run(carry_out(Run("long", chosen.seed, plan)))
    print(table(outcome.struck))
    verdict = "nothing lost" if outcome.good else f"NOT GOOD, seed {chosen.seed}"
    say(f"{verdict}: {outcome.events} events, {len(outcome.struck)} faults, {outcome.seconds:.0f} s")
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
