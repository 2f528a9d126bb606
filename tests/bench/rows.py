"""Which measurement gives which rows of the performance goals, in the order in which they are run."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.bench import consuming, engine, relaying, subscriptions, writing
from tests.bench.harness import Figure
from tests.bench.stage import Known, Stage


@dataclass(frozen=True)
class Measurement:
    """Some rows that are measured together, on servers of their own, or `alone` where none are needed."""

    rows: tuple[int, ...]
    run: Callable[[Stage], Coroutine[Any, Any, list[Figure]]] | None = None
    alone: Callable[[Known], Coroutine[Any, Any, list[Figure]]] | None = None


MEASUREMENTS = (
    Measurement((1,), writing.commands),
    Measurement((2,), writing.wake_up),
    Measurement((4, 5), relaying.measure),
    Measurement((7, 17), consuming.measure),
    Measurement((9, 10), alone=engine.measure),
    Measurement((11,), alone=subscriptions.measure),
)
