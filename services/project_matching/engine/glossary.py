"""The bilingual glossary: which English words a Chinese text also says (`glossary.tsv`, our own work)."""

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import numpy as np

from project_matching.engine.terms import Terms, unordered_pairs
from project_matching.engine.tokens import RUN, english_terms, normalised


@dataclass(frozen=True)
class Entry:
    """One Chinese phrase, normalised and as written, the English phrases for it, and the stems of each of them."""

    chinese: str
    written: str
    english: tuple[str, ...]
    phrases: tuple[tuple[int, ...], ...]

    @cached_property
    def stems(self) -> tuple[int, ...]:
        """The stems of all its English phrases, each once."""
        return tuple(dict.fromkeys(stem for phrase in self.phrases for stem in phrase))

    def said_by(self, stems: Container[int]) -> tuple[int, ...] | None:
        """The first of its English phrases that these stems say."""
        return next((phrase for phrase in self.phrases if phrase and all(stem in stems for stem in phrase)), None)

    @cached_property
    def terms(self) -> tuple[int, ...]:
        """Stems and neighbouring pairs of all its English phrases, each once."""
        found = dict.fromkeys(self.stems)
        for phrase in self.phrases:
            stems: Terms = np.array(phrase, dtype=np.uint64)
            for gap in (1, 2):
                found.update(dict.fromkeys(unordered_pairs(stems[:-gap], stems[gap:]).tolist()))
        return tuple(found)


def _entry(written: str, english: tuple[str, ...]) -> Entry:
    phrases = tuple(tuple(english_terms(RUN.findall(normalised(phrase)))) for phrase in english)
    return Entry(normalised(written), written, english, phrases)


class Glossary:
    """Finds the phrases of the glossary in a text: from left to right, the longest first."""

    def __init__(self, rows: list[tuple[str, tuple[str, ...]]]) -> None:
        self.entries = {normalised(zh): _entry(zh, en) for zh, en in rows}
        lengths: dict[str, set[int]] = defaultdict(set)
        for phrase in self.entries:
            lengths[phrase[0]].add(len(phrase))
        self._of_stem: dict[int, list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            for stem in entry.stems:
                self._of_stem[stem].append(entry)
        self._lengths = {first: sorted(sizes, reverse=True) for first, sizes in lengths.items()}

    def said_in(self, stems: dict[int, float]) -> list[Entry]:
        """Entries of which an English phrase is made of these stems, the weightiest first."""
        near = {id(entry): entry for stem in stems for entry in self._of_stem.get(stem, ())}
        said = [(entry, phrase) for entry in near.values() if (phrase := entry.said_by(stems))]
        said.sort(key=lambda one: (-sum(stems[stem] for stem in one[1]), one[0].chinese))
        return [entry for entry, _ in said]

    def found_in(self, text: str) -> list[Entry]:
        """The entries in a normalised text, in reading order, without overlaps."""
        if text.isascii():
            return []
        found, position, lengths, entries = [], 0, self._lengths, self.entries
        while position < len(text):
            for size in lengths.get(text[position], ()):
                entry = entries.get(text[position : position + size])
                if entry is not None:
                    found.append(entry)
                    position += size
                    break
            else:
                position += 1
        return found


def parsed(lines: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Rows `Chinese <TAB> English; English <TAB> field`; lines that begin with # are comments."""
    rows = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            chinese, english = line.rstrip("\n").split("\t")[:2]
            rows.append((chinese.strip(), tuple(part.strip() for part in english.split(";"))))
    return rows


@cache
def glossary() -> Glossary:
    """The glossary that ships with the engine."""
    text = files("project_matching.engine").joinpath("glossary.tsv").read_text(encoding="utf-8")
    return Glossary(parsed(text.splitlines()))
