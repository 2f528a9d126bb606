"""Counts the terms of a text's parts in two channels: what is Chinese, and what is (or means) English.

A Chinese text counts in the Chinese channel (pairs of characters, dictionary words, Latin words that stand in
it) and as `derived` terms in the English channel: those Latin words and, through the glossary, the English for
its phrases. That is how a Chinese need finds an English profile. An English text counts in English only.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.glossary import glossary
from project_matching.engine.terms import Terms, character_pairs, unordered_pairs
from project_matching.engine.tokens import RUN, chinese_terms, english_terms, is_chinese, normalised

Counts = NDArray[np.int64]
_NO_TERMS: Terms = np.empty(0, dtype=np.uint64)
_NO_COUNTS: Counts = np.empty(0, dtype=np.int64)
_GAP = [0, 0]  # two numbers wide: no pair of stems reaches from one text into the next


@dataclass(frozen=True)
class Counted:
    """Each distinct term once, ascending, with its count; `derived` are counts brought by the glossary."""

    terms: Terms
    counts: Counts
    derived: Counts


class Tally:
    """Collects texts with weights, then counts them all at once (numpy costs per call, not per term)."""

    def __init__(self) -> None:
        self._stems: dict[int, list[int]] = {}
        self._borrowed: dict[int, list[int]] = {}
        self._words: dict[int, list[int]] = {}
        self._runs: dict[int, list[str]] = {}
        self._phrases: Counter[str] = Counter()

    def add(self, text: str, weight: int = 1) -> None:
        """Counts a text as if it stood there `weight` times."""
        text = normalised(text)
        runs = RUN.findall(text)
        latin = [run for run in runs if run < "\u3400"]
        stems = english_terms(latin)
        chinese_text = is_chinese(text)
        (self._borrowed if chinese_text else self._stems).setdefault(weight, []).extend(stems + _GAP)
        if len(latin) == len(runs):
            return
        chinese = [run for run in runs if run >= "\u3400"]
        self._runs.setdefault(weight, []).extend(chinese)
        words = self._words.setdefault(weight, [])
        for run in chinese:
            words.extend(chinese_terms(run))
        if chinese_text:
            words.extend(stems)
        for entry in glossary().found_in(text):
            self._phrases[entry.chinese] += weight

    def chinese(self) -> Counted:
        chunks = [(np.array(words, dtype=np.uint64), weight) for weight, words in self._words.items()]
        for weight, runs in self._runs.items():
            codes = np.frombuffer("\0".join(runs).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
            left, right = codes[:-1], codes[1:]
            inside = (left != 0) & (right != 0)
            chunks.append((character_pairs(left[inside], right[inside]), weight))
        return _counted(chunks, [])

    def characters(self) -> Terms:
        """Every Chinese character of the texts by itself."""
        runs = "".join(run for runs in self._runs.values() for run in runs)
        codes = np.frombuffer(runs.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        return character_pairs(codes, np.zeros_like(codes))

    def english(self) -> Counted:
        entries = glossary().entries
        phrases = [(entries[zh].terms, count) for zh, count in self._phrases.items()]
        return _counted(_with_pairs(self._stems), _with_pairs(self._borrowed) + phrases)


def _with_pairs(stems_by_weight: dict[int, list[int]]) -> list[tuple[Terms, int]]:
    """The stems and the unordered pairs of stems at most two apart."""
    chunks = []
    for weight, numbers in stems_by_weight.items():
        stems: Terms = np.array(numbers, dtype=np.uint64)
        chunks.append((stems[stems != 0], weight))
        for gap in (1, 2):
            left, right = stems[:-gap], stems[gap:]
            inside = (left != 0) & (right != 0)
            chunks.append((unordered_pairs(left[inside], right[inside]), weight))
    return chunks


def _counted(own: list[tuple[Terms, int]], derived: list[tuple[Terms, int]]) -> Counted:
    chunks = own + derived
    numbers = np.concatenate([terms for terms, _ in chunks]) if chunks else _NO_TERMS
    if not len(numbers):
        return Counted(_NO_TERMS, _NO_COUNTS, _NO_COUNTS)
    weights = np.repeat([w for _, w in chunks], [len(terms) for terms, _ in chunks])
    terms, place = np.unique(numbers, return_inverse=True)
    split = sum(len(chunk) for chunk, _ in own)
    size = len(terms)
    counts = np.bincount(place[:split], weights[:split], minlength=size).astype(np.int64)
    if split == len(numbers):
        return Counted(terms, counts, np.zeros(size, dtype=np.int64))
    gained = np.bincount(place[split:], weights[split:], minlength=size).astype(np.int64)
    return Counted(terms, counts, gained)
