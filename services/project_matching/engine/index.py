"""The two live indexes: profiles searched by a need, open needs searched by a profile.

New and changed entries wait in a small buffer that becomes a segment when somebody searches; removed ones are
marked; segments of similar size are merged, so that each entry is moved only a few times in its life.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.analysis import AnalysedNeed, AnalysedProfile
from project_matching.engine.facets import TEXT_FLOOR, permitted, steps_beside_text
from project_matching.engine.model import Scored
from project_matching.engine.search import Beside, Limits, Wholes, search
from project_matching.engine.segment import (
    Entry,
    Segment,
    entry_of_need,
    entry_of_profile,
    merged,
    segment_of,
)
from project_matching.engine.traits import NeedTraits, ProfileTraits

MOST_SUGGESTED = 100  # per need
_FANOUT = 4  # a segment is merged with its neighbour unless that is this many times larger


class _Index:
    """Entries by key; `_found` is the search both directions share."""

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._parts: list[tuple[Segment, NDArray[np.bool_]]] = []
        self._place: dict[str, tuple[Segment, NDArray[np.bool_], int]] = {}
        self._waiting: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self._place) + len(self._waiting)

    def __contains__(self, key: str) -> bool:
        return key in self._place or key in self._waiting

    @property
    def bytes(self) -> int:
        return sum(s.zh.bytes + s.en.bytes + s.table.nbytes + s.traits_of.nbytes for s, _ in self._parts)

    def remove(self, key: str) -> None:
        """Forgets an entry; nothing happens if there is none."""
        self._waiting.pop(key, None)
        placed = self._place.pop(key, None)
        if placed is not None:
            placed[1][placed[2]] = False

    def _put(self, entry: Entry) -> None:
        self.remove(entry.key)
        self._waiting[entry.key] = entry

    def settle(self) -> None:
        """Takes waiting entries into a segment and merges what is worth merging; searching does it too."""
        if not self._waiting:
            return
        self._append(segment_of(list(self._waiting.values())))
        self._waiting = {}
        while self._worth_merging():
            parts = self._parts[-2:]
            del self._parts[-2:]
            if any(alive.any() for _, alive in parts):
                self._append(merged(parts))

    def _worth_merging(self) -> bool:
        if len(self._parts) < 2:
            return False
        (_, before), (_, last) = self._parts[-2:]
        return int(np.count_nonzero(before)) < _FANOUT * max(1, int(np.count_nonzero(last)))

    def _append(self, segment: Segment) -> None:
        alive = np.ones(len(segment), dtype=np.bool_)
        self._parts.append((segment, alive))
        for row, key in enumerate(segment.keys):
            self._place[key] = (segment, alive, row)

    def _found(self, asking: Entry, count: int | None, text_floor: int) -> list[tuple[int, str, int]]:
        """(total below zero, key, text points) of the best, best first; equal totals in the order of their keys."""
        self.settle()
        limits = Limits(max(text_floor, 1), 0, count)
        hits: list[tuple[int, str, int]] = []
        for segment, alive in self._parts:
            found, limits = search(segment, alive, asking, self._beside, limits)
            text, keys = found.text(), map(segment.keys.__getitem__, found.rows.tolist())
            hits.extend(zip((-found.totals(text)).tolist(), keys, text.tolist(), strict=True))
        hits.sort()
        return hits[:count]


def _beside_of_profiles(asking: Entry, traits: Wholes) -> tuple[NDArray[np.bool_], Wholes]:
    need, profiles = NeedTraits(*asking.traits), ProfileTraits(*traits.T)
    return permitted(need, profiles), steps_beside_text(need, profiles)


def _beside_of_needs(asking: Entry, traits: Wholes) -> tuple[NDArray[np.bool_], Wholes]:
    needs, profile = NeedTraits(*traits.T), ProfileTraits(*asking.traits)
    return permitted(needs, profile), steps_beside_text(needs, profile)


class ProfileIndex(_Index):
    """Profiles, one an organisation, searched by a need."""

    def __init__(self, profiles: Iterable[AnalysedProfile] = ()) -> None:
        super().__init__(_beside_of_profiles)
        for profile in profiles:
            self.put(profile)

    def put(self, profile: AnalysedProfile) -> None:
        """Adds a profile or replaces the one of the same organisation."""
        self._put(entry_of_profile(profile))

    def search(
        self, need: AnalysedNeed, count: int | None = MOST_SUGGESTED, text_floor: int = TEXT_FLOOR
    ) -> list[Scored]:
        """The best profiles for a need, at most `count`, best first."""
        found = self._found(entry_of_need(need), count, text_floor)
        return [Scored(need.need.id, key, -less, text) for less, key, text in found]


class NeedIndex(_Index):
    """Open needs searched by a profile."""

    def __init__(self, needs: Iterable[AnalysedNeed] = ()) -> None:
        super().__init__(_beside_of_needs)
        for need in needs:
            self.put(need)

    def put(self, need: AnalysedNeed) -> None:
        """Adds a need or replaces the one of the same id."""
        self._put(entry_of_need(need))

    def search(self, profile: AnalysedProfile, count: int | None = None, text_floor: int = TEXT_FLOOR) -> list[Scored]:
        """The needs a profile answers, best first; all of them unless `count` says otherwise."""
        found = self._found(entry_of_profile(profile), count, text_floor)
        return [Scored(key, profile.profile.organisation_id, -less, text) for less, key, text in found]
