"""What the demonstration consists of, read from the files beside this module."""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]

HERE = Path(__file__).parent
EDITION = "2026-06"
"""Changes with the data, so that an alliance that holds an older edition is brought up to date."""


@dataclass(frozen=True)
class Dataset:
    """Organisations before the needs they post; references tie them together."""

    public_organisations: tuple[Record, ...]
    demo_organisations: tuple[Record, ...]
    public_needs: tuple[Record, ...]
    demo_needs: tuple[Record, ...]
    accounts: tuple[Record, ...]

    @property
    def organisations(self) -> tuple[Record, ...]:
        return self.demo_organisations + self.public_organisations

    @property
    def needs(self) -> tuple[Record, ...]:
        return self.demo_needs + self.public_needs

    def representative_of(self, organisation: str) -> Record:
        """The account that acts for a demo organisation."""
        return next(a for a in self.accounts if a["organisation"] == organisation and a["office"] == "representative")


def _packed(name: str) -> tuple[Record, ...]:
    with gzip.open(HERE / "data" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines)


def _written(folder: str) -> tuple[Record, ...]:
    """Texts written for the demo, all marked as such here, so that none can be forgotten."""
    files = sorted((HERE / "written" / folder).glob("*.json"))
    return tuple({**record, "record": "demo"} for file in files for record in json.loads(file.read_text("utf-8")))


@cache
def dataset() -> Dataset:
    """The whole demonstration."""
    return Dataset(
        public_organisations=_packed("posters") + _packed("companies") + _packed("universities"),
        demo_organisations=_written("organisations"),
        public_needs=_packed("needs"),
        demo_needs=_written("needs"),
        accounts=tuple(json.loads((HERE / "accounts.json").read_text("utf-8"))),
    )
