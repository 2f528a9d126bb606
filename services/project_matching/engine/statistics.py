"""Background statistics: how rare each term is in general, and how long a profile usually is.

They ship with the package under a version of their own. A score depends on the two texts and on these
numbers only, never on which other profiles happen to be indexed (docs/decisions/0004). All numbers are
whole, so that every machine computes the same scores: logarithms are in 256ths, see `LOGARITHM`.
"""

import math
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.terms import Terms

UNIT = 256
CHANNELS = ("zh", "en")
KEY_SHIFT = np.uint64(7)  # the tables keep 32 of a term's 39 bits

# The natural logarithm in 256ths, by count; counts above the table's end read its last entry.
LOGARITHM: NDArray[np.int64] = np.array([0, *(round(UNIT * math.log(n)) for n in range(1, 4096))], dtype=np.int64)


def logarithm(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return LOGARITHM[np.minimum(counts, len(LOGARITHM) - 1)]


@dataclass(frozen=True)
class ChannelStatistics:
    """One channel: known terms (ascending), their rarity, the rarity of all others, the usual length."""

    keys: NDArray[np.uint32]
    rarity: NDArray[np.int64]
    unknown: int
    usual_norm: int

    def rarity_of(self, terms: Terms) -> NDArray[np.int64]:
        """ln((1 + documents) / (1 + documents with the term)) in 256ths; unknown terms are the rarest."""
        if not len(self.keys):
            return np.full(len(terms), self.unknown, dtype=np.int64)
        keys = (terms >> KEY_SHIFT).astype(np.uint32)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[place] == keys, self.rarity[place], self.unknown)


@dataclass(frozen=True)
class Statistics:
    version: str
    zh: ChannelStatistics
    en: ChannelStatistics


def counts_to_rarity(counts: NDArray[np.int64], documents: int) -> NDArray[np.int64]:
    rarity: NDArray[np.int64] = np.rint(UNIT * np.log((1 + documents) / (1 + counts))).astype(np.int64)
    return rarity


def save(path: Path, channels: dict[str, tuple[NDArray[np.uint32], NDArray[np.int64], int, int]]) -> None:
    """Writes per channel: keys (as differences, which compress), rarities, documents, the usual norm."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, (keys, rarity, documents, usual_norm) in channels.items():
        steps = np.diff(keys, prepend=np.uint32(0)).astype(np.uint32)
        arrays[f"{name}_steps_high"] = (steps >> np.uint32(16)).astype(np.uint16)
        arrays[f"{name}_steps_middle"] = ((steps >> np.uint32(8)) & np.uint32(255)).astype(np.uint8)
        arrays[f"{name}_steps_low"] = (steps & np.uint32(255)).astype(np.uint8)
        arrays[f"{name}_rarity"] = rarity.astype(np.uint16)
        arrays[f"{name}_numbers"] = np.array([documents, usual_norm], dtype=np.int64)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def load(path: Path) -> Statistics:
    """Reads what `save` wrote; the version is the beginning of the content's digest."""
    digest = blake2b(digest_size=6)
    channels = {}
    with np.load(path, allow_pickle=False) as stored:
        for name in CHANNELS:
            parts = [stored[f"{name}_steps_{part}"].astype(np.uint32) for part in ("high", "middle", "low")]
            steps = (parts[0] << np.uint32(16)) | (parts[1] << np.uint32(8)) | parts[2]
            keys = np.cumsum(steps, dtype=np.uint32)
            rarity = stored[f"{name}_rarity"].astype(np.int64)
            documents, usual_norm = stored[f"{name}_numbers"].tolist()
            for part in (keys, rarity, stored[f"{name}_numbers"]):
                digest.update(part.tobytes())
            unknown = round(UNIT * math.log((1 + documents) / 2))
            channels[name] = ChannelStatistics(keys, rarity, unknown, usual_norm)
    return Statistics(digest.hexdigest(), channels["zh"], channels["en"])


@cache
def shipped_statistics() -> Statistics:
    """The statistics that ship with the engine, read once."""
    with as_file(files("project_matching.engine").joinpath("statistics.npz")) as path:
        return load(path)
