"""Counts the terms of a text's parts in two channels: what is Chinese, and what is (or means) English.

A Chinese text counts in the Chinese channel (pairs of characters, dictionary words, Latin words that stand in
it) and as `derived` terms in the English channel: those Latin words and, through the glossary, the English for
its phrases. That is how a Chinese need finds an English profile. An English text counts in English only.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.glossary import glossary
from project_matching.engine.terms import POSITION_BITS, POSITIONS, Terms, character_pairs, unordered_pairs
from project_matching.engine.tokens import RUN, chinese_terms, english_terms, is_chinese, normalised

Wholes = NDArray[np.int64]
_NOTHING = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint64), np.empty((2, 0), dtype=np.int64))
_ROW_BITS = np.uint64(POSITION_BITS)


Said = TypeVar("Said", list[int], str)


class Piece(NamedTuple, Generic[Said]):
    """What stands together, how often it counts, and whether it is English that a Chinese text brought."""

    said: Said
    weight: int
    derived: bool = False


class Tally:
    """The words of one document in pieces; `chinese` and `english` count those of many documents at once."""

    def __init__(self) -> None:
        self.stems: list[Piece[list[int]]] = []  # a text's English words
        self.meant: list[Piece[list[int]]] = []  # what the glossary knows for a text's phrases, pairs included
        self.words: list[Piece[list[int]]] = []  # a text's dictionary words
        self.characters: list[Piece[str]] = []  # a run of Chinese characters

    def __len__(self) -> int:
        """How many words and characters there are to count."""
        listed = sum(len(piece.said) for piece in chain(self.stems, self.meant, self.words))
        return listed + sum(len(run.said) for run in self.characters)

    def add(self, text: str, weight: int = 1) -> None:
        """Counts a text as if it stood there `weight` times."""
        text = normalised(text)
        runs = RUN.findall(text)
        latin = [run for run in runs if run < "\u3400"]
        stems = english_terms(latin)
        chinese_text = is_chinese(text)
        self.stems.append(Piece(stems, weight, chinese_text))
        if len(latin) == len(runs):
            return
        words = stems.copy() if chinese_text else []
        for run in runs:
            if run >= "\u3400":
                self.characters.append(Piece(run, weight))
                words += chinese_terms(run)
        self.words.append(Piece(words, weight))
        meant = [term for entry in glossary().found_in(text) for term in entry.terms]
        self.meant.append(Piece(meant, weight, derived=True))


@dataclass(frozen=True)
class Counted:
    """The distinct terms of many documents, by term, then row: entry i is `terms[i]` in document `rows[i]`.

    `counts[0]` says how often it stands there, `counts[1]` how often the glossary or a Chinese text brought it.
    """

    documents: int
    rows: Wholes
    terms: Terms
    counts: Wholes

    @property
    def own(self) -> NDArray[np.bool_]:
        """Which entries stand there themselves."""
        stands: NDArray[np.bool_] = self.counts[0] > 0
        return stands


@dataclass(frozen=True)
class _OnEnd:
    """The numbers of many pieces on end; number i is of piece `piece_of[i]`, a row of `pieces`.

    The columns of `pieces` are the document's row, the weight, and 1 for derived.
    """

    numbers: Terms
    piece_of: Wholes
    pieces: Wholes

    def followed(self, gap: int) -> Wholes:
        """Where those stand that have another number of their piece so many places on."""
        return np.flatnonzero(self.piece_of[gap:] == self.piece_of[:-gap])

    def about(self, places: Wholes | slice = slice(None)) -> Wholes:
        """What is said of the pieces of these numbers, a row each."""
        return self.pieces[self.piece_of[places]]


def _on_end(documents: Sequence[Sequence[Piece[Said]]], numbers_of: Callable[[Iterable[Said]], Terms]) -> _OnEnd:
    """The pieces of each document, in the order of the documents."""
    pieces = [piece for document in documents for piece in document]
    about = [(row, piece.weight, piece.derived) for row, document in enumerate(documents) for piece in document]
    columns = np.fromiter(chain.from_iterable(about), dtype=np.int64).reshape(-1, 3)
    piece_of = np.repeat(np.arange(len(pieces)), [len(piece.said) for piece in pieces])
    return _OnEnd(numbers_of(piece.said for piece in pieces), piece_of, columns)


def _numbers(said: Iterable[list[int]]) -> Terms:
    return np.fromiter(chain.from_iterable(said), dtype=np.uint64)


def _codes(said: Iterable[str]) -> Terms:
    return np.frombuffer("".join(said).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)


def chinese(tallies: Sequence[Tally]) -> Counted:
    """Dictionary words, and pairs of neighbouring characters."""
    if not any(tally.words for tally in tallies):  # twenty calls of numpy for nothing, where all is English
        return Counted(len(tallies), *_NOTHING)
    words = _on_end([tally.words for tally in tallies], _numbers)
    runs = _on_end([tally.characters for tally in tallies], _codes)
    left = runs.followed(1)
    pairs = character_pairs(runs.numbers[left], runs.numbers[left + 1])
    return _counted(len(tallies), (words.numbers, words.about()), (pairs, runs.about(left)))


def characters(tally: Tally) -> Terms:
    """Every Chinese character of a document by itself."""
    codes = _codes(run.said for run in tally.characters)
    return character_pairs(codes, np.zeros_like(codes))


def english(tallies: Sequence[Tally]) -> Counted:
    """Stems, unordered pairs of stems at most two apart, and the same of what the glossary brings."""
    stems = _on_end([tally.stems for tally in tallies], _numbers)
    meant = _on_end([tally.meant for tally in tallies], _numbers)
    near, apart = stems.followed(1), stems.followed(2)
    left, right = np.concatenate([near, apart]), np.concatenate([near + 1, apart + 2])
    pairs = unordered_pairs(stems.numbers[left], stems.numbers[right])
    parts = (stems.numbers, stems.about()), (pairs, stems.about(left)), (meant.numbers, meant.about())
    return _counted(len(tallies), *parts)


def _counted(documents: int, *parts: tuple[Terms, Wholes]) -> Counted:
    """Each part brings terms and what `_OnEnd.about` says of each of them."""
    terms = np.concatenate([terms for terms, _ in parts])
    rows, weights, derived = np.concatenate([about for _, about in parts]).T
    keys, place = np.unique((terms << _ROW_BITS) | rows.astype(np.uint64), return_inverse=True)
    counts = np.bincount(place + derived * len(keys), weights, minlength=2 * len(keys)).astype(np.int64)
    return Counted(documents, (keys & POSITIONS).astype(np.int64), keys >> _ROW_BITS, counts.reshape(2, -1))
