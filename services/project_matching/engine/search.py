"""Exact search of one segment: MaxScore over the words, bounded by the facets, without missing a pair.

Lists of frequent terms are long and say little. As long as what all unread lists can add together is below
the least score that counts, a row that stands in unread lists only cannot qualify: so the long lists are not
read, they are only asked about the rows that the others found. Where only so many rows are wanted, what the best
of them reach by the lists read so far is already the least that counts.

numpy costs per call as much as for hundreds of numbers: few calls over many numbers, and few numbers of all rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.analysis import Weighted
from project_matching.engine.facets import MOST_STEPS, STEP, least_raw, text_points
from project_matching.engine.postings import Postings
from project_matching.engine.segment import Entry, Segment

Rows = NDArray[np.int64]
Wholes = NDArray[np.int64]
Scores = NDArray[np.int32]
# (asking, many traits) -> (which may meet at all, steps beside text)
Beside = Callable[[Entry, NDArray[np.int64]], tuple[NDArray[np.bool_], Wholes]]

_AT_ONCE = 4096  # so many entries are read before any thought of leaving lists out, and at least half as many as rows
_UNREAD_SHARE = 0.5  # of the least score that counts: if unread lists could add more, too many rows stay in question
_LIKELY = 4  # times as many rows as are wanted are looked at to learn what the best of them reach
_ENTRIES_A_CALL = 64  # shorter lists are gathered entry by entry: that costs less than a call for each
_LOOKUP_COSTS = 16  # looking one row up in a list costs as much as adding this many entries of it
_MANY = 1000  # rows still in question, from which on it pays to look after each list which of them are
_ROWS_A_TRAIT = 64  # where that many rows share their traits on average, all traits are compared beforehand
_EXCLUDED = -(1 << 30)
_NONE: Wholes = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Limits:
    """What a row must reach: the floor of its word score and of its total, and how many rows are asked for."""

    text_floor: int
    least_total: int
    count: int | None

    def raised(self, totals: Wholes) -> "Limits":
        """What the `count`-th best row reaches already is the least that counts from now on."""
        if self.count is None or len(totals) < self.count:
            return self
        place = len(totals) - self.count
        return Limits(self.text_floor, max(self.least_total, int(np.partition(totals, place)[place])), self.count)

    def least_raw(self, most_steps: int) -> int:
        """The least word score that counts, if no row has more steps beside text."""
        return max(self.text_floor, least_raw(self.least_total - most_steps * STEP))


@dataclass(frozen=True, eq=False)
class Found:
    """Rows with their word scores and their steps beside text."""

    rows: Rows
    raw: Wholes
    steps: Wholes

    def text(self) -> Wholes:
        return np.asarray(text_points(self.raw), dtype=np.int64)

    def totals(self, text: Wholes) -> Wholes:
        return np.asarray(text + self.steps * STEP, dtype=np.int64)

    def only(self, kept: NDArray[np.bool_]) -> "Found":
        return Found(self.rows[kept], self.raw[kept], self.steps[kept])

    def pruned(self, rest: int, limits: Limits) -> tuple["Found", Limits]:
        """Without the rows that miss the limits even if all that is unread adds to them; and the limits, raised."""
        totals = self.totals(self.text())
        limits = limits.raised(totals[self.raw >= limits.text_floor])
        most = self.raw + rest
        kept = (self.totals(text_points(most)) if rest else totals) >= limits.least_total
        return self.only(kept & (most >= limits.text_floor)), limits


NOTHING_FOUND = Found(_NONE, _NONE, _NONE)


class _Asked:
    """One asking of one segment: whom of its rows it may meet, and what the facets beside text give them."""

    def __init__(self, segment: Segment, alive: NDArray[np.bool_], asking: Entry, beside: Beside) -> None:
        self._segment, self._alive, self._asking, self._beside = segment, alive, asking, beside
        self._known: tuple[NDArray[np.bool_], Wholes] | None = None
        self.most_steps = MOST_STEPS
        if len(segment.table) * _ROWS_A_TRAIT <= len(segment):
            self._known = may_meet, steps = beside(asking, segment.table)
            self.most_steps = int(np.max(steps[may_meet], initial=0))

    def found(self, scores: Scores, least: int) -> Found:
        """The rows with at least this score that may be met."""
        rows = np.flatnonzero(scores >= least)
        rows = rows[self._alive[rows]]
        if not len(rows):
            return NOTHING_FOUND
        traits_of = self._segment.traits_of[rows]
        if self._known:
            may_meet, steps = self._known[0][traits_of], self._known[1][traits_of]
        else:
            may_meet, steps = self._beside(self._asking, self._segment.table[traits_of])
        return Found(rows, scores[rows].astype(np.int64), steps).only(may_meet)


@dataclass(frozen=True, eq=False)
class _Lists:
    """The lists of one asking's terms, the most telling per entry first; `bounds` is the most one can add to a row."""

    starts: Wholes
    ends: Wholes
    weights: Wholes
    bounds: Wholes

    def __len__(self) -> int:
        return len(self.starts)

    def with_entries(self, most: int) -> int:
        """How many of the first lists have no more entries together."""
        return int(np.searchsorted(np.cumsum(self.ends - self.starts), most, side="right"))

    def leaving(self, most: int) -> int:
        """How many of the first lists must be read for the others to add no more together."""
        return int(np.count_nonzero(np.cumsum(self.bounds[::-1]) > most))


def search(
    segment: Segment, alive: NDArray[np.bool_], asking: Entry, beside: Beside, limits: Limits
) -> tuple[Found, Limits]:
    """All rows that reach the limits (more than asked for only where totals tie or cannot yet be told apart),
    and the limits with the least total that the best `count` of them reach."""
    asked = None
    whole = NOTHING_FOUND
    for postings, words in ((segment.zh, asking.zh), (segment.en, asking.en)):
        lists = _lists_of(postings, words)
        if not len(lists):
            continue
        asked = asked or _Asked(segment, alive, asking, beside)
        scores = np.zeros(len(segment), dtype=np.int32)
        scores[segment.forbidden_to(asking)] = _EXCLUDED
        found, limits = _search_channel(postings, lists, scores, asked, limits)
        whole = _united(whole, found)
    return whole, limits


def _united(left: Found, right: Found) -> Found:
    """Rows of both, each once, with the better of its two word scores."""
    if not len(left.rows) or not len(right.rows):
        return right if not len(left.rows) else left
    rows = np.concatenate([left.rows, right.rows])
    raw = np.concatenate([left.raw, right.raw])
    steps = np.concatenate([left.steps, right.steps])
    order = np.lexsort((-raw, rows))
    order = order[np.diff(rows[order], prepend=-1) != 0]
    return Found(rows[order], raw[order], steps[order])


def _search_channel(
    postings: Postings, lists: _Lists, scores: Scores, asked: _Asked, limits: Limits
) -> tuple[Found, Limits]:
    read = lists.with_entries(max(_AT_ONCE, len(scores) // 2))
    _add(scores, postings, lists, slice(0, read))
    limits = _raised_by_likely(scores, asked, limits)
    least = limits.least_raw(asked.most_steps)
    needed = lists.leaving(int(least * _UNREAD_SHARE))
    if needed > read:
        _add(scores, postings, lists, slice(read, needed))
        read = needed
    rest = int(lists.bounds[read:].sum())
    found, limits = asked.found(scores, least - rest).pruned(rest, limits)
    return _finished(found, scores, postings, lists, read, limits)


def _raised_by_likely(scores: Scores, asked: _Asked, limits: Limits) -> Limits:
    """Raises the limits by some rows with high scores: the best ones are the best of their part of all rows."""
    if limits.count is None:
        return limits
    wanted = _LIKELY * limits.count
    if np.count_nonzero(scores >= limits.text_floor) <= wanted:
        return limits
    parts = min(4 * wanted, len(scores))
    best = scores[: len(scores) // parts * parts].reshape(-1, parts).max(axis=0)
    least = int(np.partition(best, parts - wanted)[parts - wanted])
    likely = asked.found(scores, max(least, limits.text_floor))
    return limits.raised(likely.totals(likely.text()))


def _lists_of(postings: Postings, words: Weighted) -> _Lists:
    if not len(postings.terms) or not len(words.terms):
        return _Lists(_NONE, _NONE, _NONE, _NONE)
    place = np.minimum(np.searchsorted(postings.terms, words.terms), len(postings.terms) - 1)
    hit = postings.terms[place] == words.terms
    place, weights = place[hit], words.weights[hit].astype(np.int64)
    starts, ends = postings.starts[place], postings.starts[place + 1]
    bounds = weights * postings.peaks[place]
    order = np.argsort((ends - starts) / bounds)
    return _Lists(starts[order], ends[order], weights[order], bounds[order])


def _add(scores: Scores, postings: Postings, lists: _Lists, which: slice) -> None:
    """Adds some lists to the scores, all in one go (`add.at` is faster here than `scores[rows] += ...`)."""
    starts, sizes = lists.starts[which], lists.ends[which] - lists.starts[which]
    entries = int(sizes.sum())
    if entries < _ENTRIES_A_CALL * len(sizes):
        places = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(entries)
        rows, told = postings.rows[places], postings.weights[places]
    elif entries:
        parts = list(map(slice, starts.tolist(), lists.ends[which].tolist()))
        rows = np.concatenate(list(map(postings.rows.__getitem__, parts)))
        told = np.concatenate(list(map(postings.weights.__getitem__, parts)))
    else:
        return
    np.add.at(scores, rows, told * np.repeat(lists.weights[which].astype(np.int32), sizes))


def _finished(
    found: Found, scores: Scores, postings: Postings, lists: _Lists, read: int, limits: Limits
) -> tuple[Found, Limits]:
    """Asks the unread lists, the weightiest first, about the rows still in question."""
    remaining = read + np.argsort(-lists.bounds[read:], kind="stable")
    rest = int(lists.bounds[read:].sum())
    for count, i in enumerate(remaining.tolist(), start=1):
        _look_up(scores, found.rows, postings, lists, i)
        rest -= int(lists.bounds[i])
        if len(found.rows) > _MANY or count == len(remaining):
            found, limits = Found(found.rows, scores[found.rows].astype(np.int64), found.steps).pruned(rest, limits)
    return found, limits


def _look_up(scores: Scores, rows: Rows, postings: Postings, lists: _Lists, i: int) -> None:
    start, end = int(lists.starts[i]), int(lists.ends[i])
    if end - start <= _LOOKUP_COSTS * len(rows):
        _add(scores, postings, lists, slice(i, i + 1))
        return
    holding = postings.rows[start:end]
    place = np.minimum(np.searchsorted(holding, rows.astype(np.int32)), len(holding) - 1)
    hit = holding[place] == rows
    scores[rows[hit]] += postings.weights[start:end][place[hit]] * np.int32(lists.weights[i])
