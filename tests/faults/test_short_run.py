"""A short run with a new seed each time: the whole harness, so that it is known to work before it is needed."""

import random
import secrets

import pytest

from tests.faults.plan import short_plan
from tests.faults.report import table
from tests.faults.run import Run, carry_out


@pytest.mark.timeout(600)
async def test_nothing_is_lost_when_everything_is_killed_and_cut_under_load() -> None:
    seed = secrets.randbelow(10_000)
    plan = short_plan(random.Random(seed))
    outcome = await carry_out(Run("short", seed, plan, calm=4, first=4))
    assert all(one.fired for one in outcome.struck)
    told = [f"seed {seed}", table(outcome.struck), *map(str, outcome.findings)]
    assert not outcome.refused, "\n".join(outcome.refused)
    assert outcome.complete, "\n".join(["something was still waiting when nothing moved any more", *told])
    assert not any(finding.wrong for finding in outcome.findings), "\n".join(told)
