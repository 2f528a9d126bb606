"""For each term the rows that hold it, with weights: an immutable inverted list in five numpy arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.analysis import Weighted
from project_matching.engine.terms import POSITION_BITS, POSITIONS, Terms


@dataclass(frozen=True, eq=False)
class Postings:
    """List i is `rows[starts[i]:starts[i+1]]`, ascending, of term `terms[i]`; `peaks[i]` is its largest weight."""

    terms: Terms
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: NDArray[np.uint16]
    peaks: NDArray[np.uint16]

    def entries(self) -> tuple[Terms, NDArray[np.int32], NDArray[np.uint16]]:
        return np.repeat(self.terms, np.diff(self.starts)), self.rows, self.weights

    @property
    def bytes(self) -> int:
        parts = (self.terms, self.starts, self.rows, self.weights, self.peaks)
        return sum(part.nbytes for part in parts)


def of_rows(weighted: list[Weighted]) -> Postings:
    """Row i of the result is `weighted[i]`."""
    sizes = [len(one.terms) for one in weighted]
    rows = np.repeat(np.arange(len(weighted), dtype=np.int32), sizes)
    if not len(rows):
        return of_entries(np.empty(0, dtype=np.uint64), rows, np.empty(0, dtype=np.uint16))
    terms = np.concatenate([one.terms for one in weighted])
    return of_entries(terms, rows, np.concatenate([one.weights for one in weighted]))


def of_entries(terms: Terms, rows: NDArray[np.int32], weights: NDArray[np.uint16]) -> Postings:
    """Sorts (term, row, weight) by term, then row; rows must ascend within each term already."""
    terms, order = _sorted(terms)
    first = np.flatnonzero(np.diff(terms, prepend=np.uint64(0)) != 0)
    starts = np.append(first, len(terms)).astype(np.int64)
    weights = weights[order]
    peaks = np.maximum.reduceat(weights, first) if len(first) else weights[:0]
    return Postings(terms[first], starts, rows[order], weights, peaks)


def _sorted(terms: Terms) -> tuple[Terms, NDArray[np.int64]]:
    """The terms in order and the permutation; positions ride in the low bits, which sorts much faster."""
    if len(terms) > int(POSITIONS):
        order = np.argsort(terms, kind="stable")
        return terms[order], order
    packed = (terms << np.uint64(POSITION_BITS)) | np.arange(len(terms), dtype=np.uint64)
    packed.sort()
    return packed >> np.uint64(POSITION_BITS), (packed & POSITIONS).astype(np.int64)
