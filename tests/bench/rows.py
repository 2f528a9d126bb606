"""Which measurement gives which rows of the performance goals, in the order in which they are run."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench import (
    chain,
    consuming,
    engine,
    idling,
    listeners,
    outage,
    point_reads,
    post,
    rebuilding,
    relaying,
    subscriptions,
    waking,
    writing,
)
from tests.bench.harness import Figure
from tests.bench.stage import Known, Stage


@dataclass(frozen=True)
class Measurement:
    """Some rows that are measured together, on servers of their own, or `alone` where none are needed."""

    rows: tuple[int, ...]
    run: Callable[[Stage], Coroutine[Any, Any, list[Figure]]] | None = None
    alone: Callable[[Known], Coroutine[Any, Any, list[Figure]]] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """PostgreSQL's, beside the usual ones."""


MEASUREMENTS = (
    Measurement((1,), writing.commands),
    Measurement((2,), writing.wake_up),
    Measurement((3,), post.measure),
    Measurement((4, 5), relaying.measure),
    Measurement((6,), waking.measure, settings=waking.SETTINGS),
    Measurement((7, 17), consuming.measure),
    Measurement((9, 10), alone=engine.measure),
    Measurement((11,), alone=subscriptions.measure),
    Measurement((12,), rebuilding.measure),
    Measurement((13,), listeners.measure),
    Measurement((14,), chain.measure),
    Measurement((15,), point_reads.measure),
    Measurement((21,), alone=idling.measure),
    Measurement((22,), outage.recovery),
    Measurement((23,), outage.restarts),
)
