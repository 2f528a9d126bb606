"""The limit of matching: every word of every profile multiplied with the need's weights, compiled, then the rest."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from project_matching.engine import AnalysedNeed, AnalysedProfile
from project_matching.engine.facets import STEP, permitted, steps_beside_text, text_points
from project_matching.engine.traits import ProfileTraits


class FullScan:
    """Rows of all profiles in one CSR matrix of whole numbers, exact as the engine's."""

    def __init__(self, profiles: Sequence[AnalysedProfile]) -> None:
        ends = np.cumsum([0, *(len(profile.en.terms) for profile in profiles)])
        self._terms, columns = np.unique(np.concatenate([p.en.terms for p in profiles]), return_inverse=True)
        weights = np.concatenate([profile.en.weights for profile in profiles]).astype(np.int32)
        shape = (len(profiles), len(self._terms))
        self._rows = csr_matrix((weights, columns.astype(np.int32), ends.astype(np.int32)), shape=shape)
        distinct = {traits: number for number, traits in enumerate(dict.fromkeys(p.traits for p in profiles))}
        self._traits = ProfileTraits(*np.array(list(distinct), dtype=np.int64).T)
        self._traits_of = np.array([distinct[profile.traits] for profile in profiles])

    def words(self, need: AnalysedNeed) -> NDArray[np.int32]:
        """The word score of each profile."""
        asked = np.zeros(len(self._terms), dtype=np.int32)
        place = np.minimum(np.searchsorted(self._terms, need.en.terms), len(self._terms) - 1)
        hit = self._terms[place] == need.en.terms
        asked[place[hit]] = need.en.weights[hit]
        found: NDArray[np.int32] = self._rows @ asked
        return found

    def best(self, need: AnalysedNeed, count: int) -> list[tuple[int, int]]:
        """(total, row) of the best rows that share a word with the need and may be met, best first."""
        scores = self.words(need)
        may_meet = permitted(need.traits, self._traits)
        steps = steps_beside_text(need.traits, self._traits)
        rows = np.flatnonzero(may_meet[self._traits_of] & (scores > 0))
        totals = text_points(scores[rows].astype(np.int64)) + steps[self._traits_of[rows]] * STEP
        best = np.argpartition(totals, -count)[-count:]
        best = best[np.lexsort((rows[best], -totals[best]))]
        return list(zip(totals[best].tolist(), rows[best].tolist(), strict=True))
