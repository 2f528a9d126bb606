"""What is printed: progress as it happens, at the end a table of faults and recovery."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

_BEGAN = time.monotonic()


def say(text: str) -> None:
    print(f"{time.monotonic() - _BEGAN:7.1f}  {text}", flush=True)


@dataclass(frozen=True)
class Struck:
    """A fault of this run: when it was healed, when the next success came, and how fast it went on."""

    name: str
    fired: bool
    kills: int
    first_success: float | None
    """Seconds after the healing."""
    rate: float
    """Successes a second until the next fault, at most a minute, as a share of those before the first fault."""


def table(struck: Sequence[Struck]) -> str:
    lines = [f"{'fault':<78} fired  first success  throughput"]
    for one in struck:
        first = "    -" if one.first_success is None else f"{one.first_success:5.1f}"
        lines.append(f"{one.name[:78]:<78} {'yes' if one.fired else 'NO':<5} {first:>12} s {one.rate:10.0%}")
    return "\n".join(lines)
