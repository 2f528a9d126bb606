"""What clients were answered, as they would swear to it: the only witness beside databases and topics."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answered:
    """A command that was answered with success: what it made or changed, in which version."""

    service: str
    aggregate: str
    version: int
    key: str | None
    marker: str | None
    """Words that only this request used, where it made something."""


@dataclass(frozen=True)
class Read:
    """An item a reader was given."""

    reader: str
    subscriber: str
    number: int
    item: str


@dataclass
class Journal:
    """Lines of JSON in a file, and the moments of success for the measures of recovery."""

    path: Path
    successes: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Clear refusals that nothing in the run explains."""
    tried: Counter[str] = field(default_factory=Counter)
    """What became of each attempt: a status, or the name of a fault."""

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding="utf-8", buffering=1)

    def note(self, what: Answered | Read) -> None:
        self._file.write(json.dumps({"kind": type(what).__name__, **asdict(what)}) + "\n")
        if isinstance(what, Answered):
            self.successes.append(time.monotonic())

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> tuple[list[Answered], list[Read]]:
    """All that was noted, in order."""
    answered: list[Answered] = []
    given: list[Read] = []
    for line in _lines(path):
        kind = line.pop("kind")
        if kind == "Answered":
            answered.append(Answered(**line))
        else:
            given.append(Read(**line))
    return answered, given


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
