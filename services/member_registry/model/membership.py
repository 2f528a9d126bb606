"""The life cycle of a membership: from which state which other one may follow (`domain.md` 5.2)."""

from common.errors import Conflict
from common.text import Bilingual
from common.vocabulary import MemberState as S

FOLLOWS: dict[S, frozenset[S]] = {
    S.applied: frozenset({S.approved, S.active, S.returned, S.withdrawn}),
    S.returned: frozenset({S.applied, S.withdrawn}),
    S.approved: frozenset({S.active, S.withdrawn}),
    S.active: frozenset({S.grace, S.suspended, S.expired, S.withdrawn}),
    S.grace: frozenset({S.active, S.suspended, S.expired, S.withdrawn}),
    S.suspended: frozenset({S.active, S.expired, S.withdrawn}),
    S.expired: frozenset({S.active, S.withdrawn}),
    S.withdrawn: frozenset(),
}


def moved(present: S, to: S) -> S:
    """The new state; Conflict when it cannot follow the present one."""
    if to in FOLLOWS[present]:
        return to
    possible = FOLLOWS[present]
    raise Conflict(
        Bilingual(
            zh=f"“{present.zh}”之后不能是“{to.zh}”；可以是：{'、'.join(s.zh for s in S if s in possible) or '无'}。",
            en=f'"{to.en}" cannot follow "{present.en}"; possible: '
            f"{', '.join(s.en for s in S if s in possible) or 'nothing'}.",
        ),
        code="transition_not_allowed",
    )
