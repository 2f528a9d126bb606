"""Reading the source files and cleaning their text without changing what they say."""

import csv
import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

SPACES = re.compile(r"\s+")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\ufeff]|[\x00-\x1f\x7f]")


def json_lines(path: Path) -> Iterator[Row]:
    """The objects of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def csv_rows(path: Path) -> Iterator[Row]:
    """The rows of a gzipped CSV file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def tidy(text: str | None) -> str:
    """One line of text: entities resolved, invisible characters out, spaces single."""
    resolved = html.unescape(html.unescape(text or ""))
    return SPACES.sub(" ", INVISIBLE.sub(" " if "\n" in resolved else "", resolved.replace("\n", " "))).strip()


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut after a sentence if one ends in the second half, else after a word."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    sentence = max(head.rfind(". "), head.rfind("; "))
    return head[: sentence + 1] if sentence > limit // 2 else head.rsplit(" ", 1)[0] + " …"


def without_empty(record: Row) -> Row:
    """The record without the fields that say nothing, so that the file stays small."""
    return {key: value for key, value in record.items() if value not in (None, "", [], {})}
