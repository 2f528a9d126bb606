"""The limit of matching: every word of every profile multiplied with the need's weights, in compiled code."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from project_matching.engine import AnalysedNeed, AnalysedProfile


class FullScan:
    """Rows of all profiles in one CSR matrix of whole numbers, exact as the engine's."""

    def __init__(self, profiles: Sequence[AnalysedProfile]) -> None:
        ends = np.cumsum([0, *(len(profile.en.terms) for profile in profiles)])
        self._terms, columns = np.unique(np.concatenate([p.en.terms for p in profiles]), return_inverse=True)
        weights = np.concatenate([profile.en.weights for profile in profiles]).astype(np.int32)
        shape = (len(profiles), len(self._terms))
        self._rows = csr_matrix((weights, columns.astype(np.int32), ends.astype(np.int32)), shape=shape)

    def words(self, need: AnalysedNeed) -> NDArray[np.int32]:
        """The word score of each profile."""
        asked = np.zeros(len(self._terms), dtype=np.int32)
        place = np.minimum(np.searchsorted(self._terms, need.en.terms), len(self._terms) - 1)
        hit = self._terms[place] == need.en.terms
        asked[place[hit]] = need.en.weights[hit]
        found: NDArray[np.int32] = self._rows @ asked
        return found

    def best(self, need: AnalysedNeed, count: int) -> NDArray[np.int64]:
        """The rows with the best word scores, best first; what counts beside words is left out."""
        scores = self.words(need)
        rows = np.argpartition(scores, -count)[-count:]
        return np.asarray(rows[np.argsort(-scores[rows])], dtype=np.int64)
