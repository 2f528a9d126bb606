"""How everything here is measured: both legs of a ratio in turns, medians, and how far the repetitions lie apart."""

import gc
import os
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

TRIAL = bool(os.environ.get("BENCH_TRIAL"))
"""Small and once: whether everything still runs; the figures mean nothing."""
REPETITIONS = 1 if TRIAL else 5
STEADY = 0.5
"""A limit whose repetitions lie further apart than this, as a share of their median, is measured again."""
TRIES = 3

Leg = Callable[[], Awaitable[Mapping[str, float]]]
"""One repetition of one side; its quantities by name."""


@dataclass(frozen=True)
class Figure:
    """A line of the report. `beside`: a further condition of the row, told in the table only."""

    row: int
    name: str
    ours: float
    limit: float
    ratio: float
    goal: str
    spread: float
    unit: str
    beside: bool = False

    @property
    def met(self) -> bool:
        """Whether the ratio is as the goal, `<= 2.5` or `>= 0.6`, wants it."""
        sign, _, bound = self.goal.partition(" ")
        return self.ratio <= float(bound) if sign == "<=" else self.ratio >= float(bound)


class Samples:
    """What the repetitions of some legs have given."""

    def __init__(self, legs: Sequence[str]) -> None:
        self._values: dict[str, dict[str, list[float]]] = {leg: {} for leg in legs}

    def add(self, leg: str, quantities: Mapping[str, float]) -> None:
        for name, value in quantities.items():
            self._values[leg].setdefault(name, []).append(value)

    def median(self, leg: str, quantity: str) -> float:
        return statistics.median(self._values[leg][quantity])

    def spread(self, leg: str, quantity: str) -> float:
        return spread(self._values[leg][quantity])

    def figure(
        self,
        row: int,
        name: str,
        quantity: str,
        *,
        goal: str,
        unit: str,
        ours: str = "ours",
        limit: str = "limit",
        beside: bool = False,
    ) -> Figure:
        """One quantity of one leg over the same of another."""
        left, right = self.median(ours, quantity), self.median(limit, quantity)
        return Figure(row, name, left, right, left / right, goal, self.spread(limit, quantity), unit, beside)


def spread(values: Sequence[float]) -> float:
    """How far they lie apart, as a share of their median."""
    return (max(values) - min(values)) / statistics.median(values)


async def interleaved(legs: Mapping[str, Leg], *, steady: tuple[str, str]) -> Samples:
    """All legs in turns, forwards and backwards; once more from the start while `steady` (leg, quantity) is not."""
    kept: Samples | None = None
    for _ in range(TRIES):
        samples = Samples(list(legs))
        for repetition in range(REPETITIONS):
            for name in list(legs)[:: 1 if repetition % 2 == 0 else -1]:
                gc.collect()
                samples.add(name, await legs[name]())
        if kept is None or samples.spread(*steady) < kept.spread(*steady):
            kept = samples
        if kept.spread(*steady) <= STEADY:
            break
    assert kept is not None
    return kept


def absolute(row: int, name: str, values: Sequence[float], *, bound: float, unit: str, beside: bool = True) -> Figure:
    """A quantity with a fixed upper bound, as the share of it that is used: at most 1."""
    middle = statistics.median(values)
    return Figure(row, name, middle, bound, middle / bound, "<= 1", spread(values), unit, beside)


def size(full: int) -> int:
    """How many of something are measured with."""
    return full // 50 if TRIAL else full


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
