"""Reads the texts with known answers beside the tests and measures a ranking against them."""

import gzip
import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from project_matching.engine import Item, Need, Profile, Text
from project_matching.engine.tokens import is_chinese, normalised

DATA = Path(__file__).parent / "data"


@cache
def records(name: str) -> tuple[dict[str, Any], ...]:
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines)


def text(written: str) -> Text:
    """A text under the language it is in."""
    return Text(zh=written) if is_chinese(normalised(written)) else Text(en=written)


def needs(name: str) -> list[Need]:
    return [Need(r["id"], "asker", text(r["title"]), (text(r["text"]),)) for r in records(name)]


def profiles(name: str) -> list[Profile]:
    return [
        Profile(
            record["id"],
            "enterprise",
            text(record["name"]),
            summary=text(record.get("summary", "")),
            items=tuple(Item(text(item["title"]), text(item["text"])) for item in record["items"]),
        )
        for record in records(name)
    ]


def gain_at_ten(ranked: list[str], right: dict[str, int]) -> float:
    """nDCG@10: the discounted gain of the first ten over that of the best possible ten."""

    def discounted(grades: list[int]) -> float:
        return sum(float(2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades[:10]))

    best = discounted(sorted(right.values(), reverse=True))
    return discounted([right.get(key, 0) for key in ranked]) / best


def answers(name: str) -> dict[str, dict[str, int]]:
    return {record["id"]: record["answers"] for record in records(name)}


def mean_gain(name: str, ranking: Callable[[Need], list[str]]) -> float:
    asked, right = needs(name), answers(name)
    return sum(gain_at_ten(ranking(need), right[need.id]) for need in asked) / len(asked)
