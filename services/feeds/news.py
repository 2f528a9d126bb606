"""Says within this process that subscribers have new items; what they are is always read from their lists."""

from collections.abc import Callable, Mapping
from typing import TypeAlias
from uuid import UUID

Hear: TypeAlias = Callable[[Mapping[UUID, int]], None]

_hearing: list[Hear] = []


def listen(hear: Hear) -> Callable[[], None]:
    """Call `hear` with subscribers and their newest numbers after each commit; returns what ends it."""
    _hearing.append(hear)
    return lambda: _hearing.remove(hear)


def spread(reached: Mapping[UUID, int]) -> None:
    """Items up to these numbers have been committed."""
    for hear in list(_hearing):
        hear(reached)
