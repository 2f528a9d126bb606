"""Exact search of one segment: MaxScore over the words, bounded by the facets, without missing a pair.

Lists of frequent terms are long and say little. As long as what all unread lists can add together is below
the least score that counts, a row that stands in unread lists only cannot qualify: so the long lists are not
read, they are only asked about the rows that the short ones found.
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
# (asking, many traits) -> (which may meet at all, steps beside text)
Beside = Callable[[Entry, NDArray[np.int64]], tuple[NDArray[np.bool_], Wholes]]

_LONG = 512  # lists up to this length are always read, all in one go: leaving them out costs more
_LOOKUP_COSTS = 16  # looking one row up in a list costs as much as adding this many entries of it
_EXCLUDED = -(1 << 30)
_NONE: Wholes = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Limits:
    """What a row must reach: the floor of its word score and of its total, and how many rows are asked for."""

    text_floor: int
    least_total: int
    count: int | None

    def least_raw(self) -> Wholes:
        """By steps beside text: the word score that a row needs."""
        least = (least_raw(self.least_total - steps * STEP) for steps in range(MOST_STEPS + 1))
        return np.array([max(self.text_floor, raw) for raw in least], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Found:
    """Rows with their exact word scores and their steps beside text."""

    rows: Rows
    raw: Wholes
    steps: Wholes

    def totals(self) -> Wholes:
        return np.asarray(text_points(self.raw) + self.steps * STEP, dtype=np.int64)

    def only(self, kept: NDArray[np.bool_]) -> "Found":
        return Found(self.rows[kept], self.raw[kept], self.steps[kept])


NOTHING_FOUND = Found(_NONE, _NONE, _NONE)


@dataclass(frozen=True, eq=False)
class _Lists:
    """The lists of one asking's terms; `bounds` is the most one can add to a row.

    The first `short` ones are short; of the others the most telling per entry come first.
    """

    starts: Wholes
    ends: Wholes
    weights: Wholes
    bounds: Wholes
    short: int

    def __len__(self) -> int:
        return len(self.starts)


def search(
    segment: Segment, alive: NDArray[np.bool_], asking: Entry, beside: Beside, limits: Limits
) -> tuple[Found, int]:
    """All rows that reach the limits (more than asked for only where totals tie or cannot yet be told apart),
    and the least total that the best `count` of them reach."""
    found = []
    for postings, words in ((segment.zh, asking.zh), (segment.en, asking.en)):
        one, least = _search_channel(segment, postings, words, alive, asking, beside, limits)
        limits = Limits(limits.text_floor, least, limits.count)
        found.append(one)
    whole = _united(*found)
    whole = whole.only(whole.totals() >= limits.least_total)
    return whole, _raised(whole.totals(), limits)


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
    segment: Segment,
    postings: Postings,
    words: Weighted,
    alive: NDArray[np.bool_],
    asking: Entry,
    beside: Beside,
    limits: Limits,
) -> tuple[Found, int]:
    lists = _lists_of(postings, words)
    if not len(lists):
        return NOTHING_FOUND, limits.least_total
    cut = int(limits.least_raw().min())
    unread = np.cumsum(lists.bounds[::-1])[::-1]
    split = max(lists.short, int(np.count_nonzero(unread >= cut)))
    scores = np.zeros(len(segment), dtype=np.int32)
    _add_lists(scores, postings, lists, split)
    rest = int(unread[split]) if split < len(lists) else 0
    scores[segment.forbidden_to(asking)] = _EXCLUDED
    rows = np.flatnonzero(scores >= cut - rest)
    rows = rows[alive[rows]]
    may_meet, steps = _beside(segment, rows, asking, beside)
    found = Found(rows[may_meet], scores[rows[may_meet]].astype(np.int64), steps[may_meet])
    found, limits = _pruned(found, rest, limits)
    return _finished(found, scores, postings, lists, split, limits)


def _beside(segment: Segment, rows: Rows, asking: Entry, beside: Beside) -> tuple[NDArray[np.bool_], Wholes]:
    """For each row whether it may meet the one who asks, and its steps beside text."""
    traits_of = segment.traits_of[rows]
    if len(rows) < len(segment.table):
        return beside(asking, segment.table[traits_of])
    may_meet, steps = beside(asking, segment.table)
    return may_meet[traits_of], steps[traits_of]


def _lists_of(postings: Postings, words: Weighted) -> _Lists:
    if not len(postings.terms) or not len(words.terms):
        return _Lists(_NONE, _NONE, _NONE, _NONE, 0)
    place = np.minimum(np.searchsorted(postings.terms, words.terms), len(postings.terms) - 1)
    hit = postings.terms[place] == words.terms
    place, weights = place[hit], words.weights[hit].astype(np.int64)
    starts, ends = postings.starts[place], postings.starts[place + 1]
    bounds = weights * postings.peaks[place]
    long = ends - starts > _LONG
    order = np.lexsort((-(bounds / (ends - starts)), long))
    return _Lists(starts[order], ends[order], weights[order], bounds[order], int(np.count_nonzero(~long)))


def _add_lists(scores: NDArray[np.int32], postings: Postings, lists: _Lists, split: int) -> None:
    """Adds the first lists to the scores: all short ones in one go, long ones one by one."""
    short = slice(0, lists.short)
    starts, weights = lists.starts[short], lists.weights[short]
    sizes = lists.ends[short] - starts
    if len(starts):
        places = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))
        gained = postings.weights[places] * np.repeat(weights.astype(np.int32), sizes)
        np.add.at(scores, postings.rows[places], gained)
    for i in range(lists.short, split):
        _add_list(scores, postings, lists, i)


def _add_list(scores: NDArray[np.int32], postings: Postings, lists: _Lists, i: int) -> None:
    """`add.at` is several times faster here than `scores[rows] += ...`."""
    part = slice(int(lists.starts[i]), int(lists.ends[i]))
    np.add.at(scores, postings.rows[part], postings.weights[part] * np.int32(lists.weights[i]))


def _pruned(found: Found, rest: int, limits: Limits) -> tuple[Found, Limits]:
    """Leaves out rows that cannot reach the limits even with all that is unread."""
    sure = found.only(found.raw >= limits.text_floor)
    raised = Limits(limits.text_floor, _raised(sure.totals(), limits), limits.count)
    return found.only(found.raw + rest >= raised.least_raw()[found.steps]), raised


def _raised(totals: Wholes, limits: Limits) -> int:
    """What the `count`-th best row reaches already is the least that counts from now on."""
    if limits.count is None or len(totals) < limits.count:
        return limits.least_total
    place = len(totals) - limits.count
    return max(limits.least_total, int(np.partition(totals, place)[place]))


def _finished(
    found: Found, scores: NDArray[np.int32], postings: Postings, lists: _Lists, split: int, limits: Limits
) -> tuple[Found, int]:
    """Asks the unread lists, the weightiest first, about the rows still in question."""
    remaining = split + np.argsort(-lists.bounds[split:], kind="stable")
    rest = int(lists.bounds[split:].sum())
    for count, i in enumerate(remaining.tolist(), start=1):
        if not len(found.rows):
            break
        _look_up(scores, found.rows, postings, lists, i)
        rest -= int(lists.bounds[i])
        if count % 2 == 0 or count == len(remaining):
            found = Found(found.rows, scores[found.rows].astype(np.int64), found.steps)
            found, limits = _pruned(found, rest, limits)
    return found, limits.least_total


def _look_up(scores: NDArray[np.int32], rows: Rows, postings: Postings, lists: _Lists, i: int) -> None:
    start, end = int(lists.starts[i]), int(lists.ends[i])
    if end - start <= _LOOKUP_COSTS * len(rows):
        _add_list(scores, postings, lists, i)
        return
    holding = postings.rows[start:end]
    place = np.minimum(np.searchsorted(holding, rows), len(holding) - 1)
    hit = holding[place] == rows
    scores[rows[hit]] += postings.weights[start:end][place[hit]] * np.int32(lists.weights[i])
