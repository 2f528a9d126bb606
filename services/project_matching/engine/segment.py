"""An immutable part of an index: its entries' postings and traits, searched without ever being changed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.analysis import AnalysedNeed, AnalysedProfile, Weighted
from project_matching.engine.postings import Postings, of_entries, of_rows
from project_matching.engine.traits import NeedTraits, ProfileTraits

Traits = NeedTraits | ProfileTraits


class Entry(NamedTuple):
    """A need or a profile as the index sees it; the same shape asks and is asked."""

    key: str
    owner: str
    refuses: frozenset[str]
    traits: Traits
    zh: Weighted
    en: Weighted


def entry_of_need(analysed: AnalysedNeed) -> Entry:
    need = analysed.need
    refuses = need.blocked | need.competitors
    return Entry(need.id, need.organisation_id, refuses, analysed.traits, analysed.zh, analysed.en)


def entry_of_profile(analysed: AnalysedProfile) -> Entry:
    profile = analysed.profile
    refuses = profile.blocked | profile.competitors
    owner = profile.organisation_id
    return Entry(owner, owner, refuses, analysed.traits, analysed.zh, analysed.en)


@dataclass(frozen=True, eq=False)
class Segment:
    """`keys[row]`, `owners[row]` and `refuses[row]` describe a row; `zh` and `en` hold its words.

    Far fewer traits than rows are distinct: row r has `traits[traits_of[r]]`.
    """

    keys: list[str]
    owners: list[str]
    refuses: list[frozenset[str]]
    traits: list[Traits]
    table: NDArray[np.int64]
    traits_of: NDArray[np.int32]
    zh: Postings
    en: Postings
    rows_of_owner: dict[str, list[int]]
    rows_refusing: dict[str, list[int]]

    def __len__(self) -> int:
        return len(self.keys)

    def forbidden_to(self, asking: Entry) -> list[int]:
        """Rows that the one who asks must not meet: its own, those it refuses, those that refuse it."""
        rows = list(self.rows_refusing.get(asking.owner, ()))
        for owner in (asking.owner, *asking.refuses):
            rows.extend(self.rows_of_owner.get(owner, ()))
        return rows


def segment_of(entries: Sequence[Entry]) -> Segment:
    return _with_owners(
        [entry.key for entry in entries],
        [entry.owner for entry in entries],
        [entry.refuses for entry in entries],
        [entry.traits for entry in entries],
        of_rows([entry.zh for entry in entries]),
        of_rows([entry.en for entry in entries]),
    )


def merged(parts: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> Segment:
    """One segment of the rows still alive in several, in their order."""
    keys: list[str] = []
    owners: list[str] = []
    refuses: list[frozenset[str]] = []
    traits: list[Traits] = []
    for segment, alive in parts:
        for row in np.flatnonzero(alive).tolist():
            keys.append(segment.keys[row])
            owners.append(segment.owners[row])
            refuses.append(segment.refuses[row])
            traits.append(segment.traits[segment.traits_of[row]])
    zh = _merged_postings([(segment.zh, alive) for segment, alive in parts])
    en = _merged_postings([(segment.en, alive) for segment, alive in parts])
    return _with_owners(keys, owners, refuses, traits, zh, en)


def _merged_postings(parts: Iterable[tuple[Postings, NDArray[np.bool_]]]) -> Postings:
    terms, rows, weights, offset = [], [], [], 0
    for postings, alive in parts:
        of_term, row, weight = postings.entries()
        kept = alive[row]
        renumbered = (np.cumsum(alive) - 1 + offset).astype(np.int32)
        terms.append(of_term[kept])
        rows.append(renumbered[row[kept]])
        weights.append(weight[kept])
        offset += int(np.count_nonzero(alive))
    return of_entries(np.concatenate(terms), np.concatenate(rows), np.concatenate(weights))


def _with_owners(
    keys: list[str],
    owners: list[str],
    refuses: list[frozenset[str]],
    traits: list[Traits],
    zh: Postings,
    en: Postings,
) -> Segment:
    numbers: dict[Traits, int] = {}
    traits_of = np.array([numbers.setdefault(one, len(numbers)) for one in traits], dtype=np.int32)
    rows_of_owner: dict[str, list[int]] = defaultdict(list)
    rows_refusing: dict[str, list[int]] = defaultdict(list)
    for row, owner in enumerate(owners):
        rows_of_owner[owner].append(row)
    for row, refused in enumerate(refuses):
        for owner in refused:
            rows_refusing[owner].append(row)
    distinct = list(numbers)
    table = np.array(distinct, dtype=np.int64)
    return Segment(keys, owners, refuses, distinct, table, traits_of, zh, en, dict(rows_of_owner), dict(rows_refusing))
