"""What must hold after any run: each invariant looks at the evidence and says what it counted and what is wrong."""

from tests.faults.invariants.evidence import Evidence, Places, gather
from tests.faults.invariants.finding import Finding
from tests.faults.invariants.i1_delivery import delivered
from tests.faults.invariants.i2_effects import effects_once
from tests.faults.invariants.i3_order import in_order
from tests.faults.invariants.i5_rebuild import rebuilt_alike
from tests.faults.invariants.i6_disclosure import nothing_disclosed
from tests.faults.invariants.i7_answers import answers_kept
from tests.faults.invariants.i8_sizes import back_to_base

__all__ = ["Evidence", "Finding", "Places", "gather", "judge"]


async def judge(places: Places) -> list[Finding]:
    """I1 to I8 without I4, which is of seats."""
    evidence = await gather(places)
    return [
        delivered(evidence),
        effects_once(evidence),
        in_order(evidence),
        await rebuilt_alike(evidence),
        nothing_disclosed(evidence),
        answers_kept(evidence),
        back_to_base(evidence),
    ]
