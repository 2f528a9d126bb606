"""What a service tells about itself: ready or not and why, outbox, lag, dead letters."""

import math
import urllib.request
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from deploy.local.service import health
from deploy.words import Words


@dataclass(frozen=True)
class Figures:
    """A service's own account, None where it gives none."""

    ready: bool
    waits_for: tuple[str, ...] = ()
    lag: int | None = None
    outbox_rows: int | None = None
    outbox_age: float | None = None
    dead_letters: int | None = None


def ask(address: str) -> Figures:
    """A service's figures; not ready when it does not answer."""
    said = health(address)
    if not said:
        return Figures(ready=False, waits_for=(str(Words("应答", "an answer")),))
    parts = said.get("parts")
    good = (True, "leading", "standby")
    waiting = (
        [f"{name}: {value}" for name, value in parts.items() if value not in good] if isinstance(parts, dict) else []
    )
    sums = _sums(address)
    return Figures(
        ready=bool(said.get("ready")),
        waits_for=tuple(waiting),
        lag=_whole(sums.get("alliance_consumer_lag")),
        outbox_rows=_whole(sums.get("alliance_outbox_rows")),
        outbox_age=sums.get("alliance_outbox_age_seconds"),
        dead_letters=_whole(sums.get("alliance_dead_letters_total")),
    )


def _sums(address: str) -> dict[str, float]:
    """Each metric summed over its labels."""
    try:
        with urllib.request.urlopen(f"{address}/metrics", timeout=3) as response:
            text = response.read().decode()
    except (OSError, ValueError):
        return {}
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not math.isnan(sample.value):
                sums[sample.name] = sums.get(sample.name, 0.0) + sample.value
    return sums


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
