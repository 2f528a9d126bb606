"""Builds statistics.npz from public texts: python -m project_matching.engine.build_statistics OUT FILE...

Each record of a file (.jsonl or .csv, also .gz) is one document. Records with items or a profile are read as
profiles and also give the usual length of a profile. Only counts are kept, no text.
"""

import argparse
import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.analysis import profile_lengths
from project_matching.engine.statistics import CHANNELS, KEY_SHIFT, ChannelStatistics, counts_to_rarity, save
from project_matching.engine.tally import Counted, Tally, chinese, english

FIELDS = ("name", "title", "text", "profile", "identification", "l1_name", "devicename", "definition")
_SEEN_TWICE = 2
# The Chinese profiles at hand are whole device classes, about twice as long as what a company writes of itself.
_USUAL_SHARE = {"zh": 0.5, "en": 1.0}
Channel = tuple[NDArray[np.uint32], NDArray[np.int64], int, int]


def records(path: Path) -> Iterator[dict[str, str]]:
    """The records of one file as dictionaries."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode("utf-8", "replace")
    if ".csv" in path.name:
        yield from csv.DictReader(io.StringIO(text))
    else:
        yield from (json.loads(line) for line in text.splitlines() if line.strip())


def _tally(record: dict[str, str]) -> Tally:
    tally = Tally()
    for field in FIELDS:
        if record.get(field):
            tally.add(record[field])
    return tally


def counted_channels(paths: Iterable[Path]) -> dict[str, Channel]:
    """Per channel: keys, rarities, number of documents and the usual norm of a profile."""
    seen: dict[str, list[NDArray[np.uint64]]] = {name: [] for name in CHANNELS}
    profiles: dict[str, list[Counted]] = {name: [] for name in CHANNELS}
    for path in paths:
        for record in records(path):
            tally = _tally(record)
            for name, counted in (("zh", chinese([tally])), ("en", english([tally]))):
                own = counted.terms[counted.own]
                if len(own):
                    seen[name].append(own)
                    if record.get("profile"):
                        profiles[name].append(counted)
    return {name: _channel(seen[name], profiles[name], _USUAL_SHARE[name]) for name in CHANNELS}


def _channel(seen: list[NDArray[np.uint64]], profiles: list[Counted], usual_share: float) -> Channel:
    numbers = np.concatenate([np.unique(terms >> KEY_SHIFT) for terms in seen]) if seen else np.empty(0)
    keys, counts = np.unique(numbers.astype(np.uint32), return_counts=True)
    known = counts >= _SEEN_TWICE
    keys, documents = keys[known], len(seen)
    rarity = counts_to_rarity(counts[known].astype(np.int64), documents)
    unknown = int(counts_to_rarity(np.array([1]), documents)[0])
    interim = ChannelStatistics(keys, rarity, unknown, 0)
    norms = [profile_lengths(counted, interim) for counted in profiles]
    return keys, rarity, documents, round(usual_share * float(np.mean(norms))) if norms else 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    arguments = parser.parse_args()
    channels = counted_channels(arguments.files)
    save(arguments.out, channels)
    for name, (keys, _, documents, usual) in channels.items():
        print(f"{name}: {documents} documents, {len(keys)} terms, usual norm {usual}")
    print(f"{arguments.out}: {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
