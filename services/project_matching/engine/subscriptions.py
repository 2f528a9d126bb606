"""The live index of standing subscriptions: which of very many does this need answer?

A subscription is a list of clauses that must all hold; a clause is a list of atoms of which one must hold (a
specialty, a wanted side, a word ...), or one excluded word. Each subscription is filed under the atoms of the
clause that the fewest needs meet. A need looks only under the atoms that hold for it, and the few subscriptions
it finds there are checked in full.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from project_matching.engine.analysis import AnalysedNeed
from project_matching.engine.model import Need, Subscription
from project_matching.engine.statistics import UNIT
from project_matching.engine.subscription_rules import untold
from project_matching.engine.subscription_words import Word, word_of
from project_matching.engine.traits import region_of

Atom = tuple[str, str] | Word
_ALWAYS: Atom = ("always", "")
_BEGINS, _NEGATED, _MARKS = 1, 2, 2  # marks in the lowest bits beside an atom's number, and how many bits
_NOBODY = -1
# How large a share of needs one value of a condition meets: guesses that only steer where a subscription is filed.
_SHARE = {"specialty": 1 / 12, "achievement_type": 1 / 5, "wanted": 1 / 2, "region": 1 / 6, "always": 1.0}


def _values(kind: str, values: Iterable[str]) -> list[Atom]:
    return [(kind, value) for value in dict.fromkeys(values) if value]


def _words(texts: Iterable[str]) -> list[Atom]:
    return list(dict.fromkeys(word for text in texts if (word := word_of(text))))


def clauses_of(subscription: Subscription) -> list[list[Atom]]:
    """The clauses that must hold; excluded words are not among them."""
    clauses = [
        _values("specialty", subscription.specialties),
        _values("achievement_type", subscription.achievement_types),
        _values("wanted", subscription.wanted),
        _values("region", map(region_of, subscription.regions)),
        _words(subscription.words_any),
        *([word] for word in _words(subscription.words_all)),
    ]
    return [clause for clause in clauses if clause] or [[_ALWAYS]]


def _share(atom: Atom) -> float:
    return math.exp(-atom.rarity / UNIT) if isinstance(atom, Word) else _SHARE[atom[0]]


def _stated(need: Need) -> list[Atom]:
    """The atoms other than words that hold for a need."""
    return [
        _ALWAYS,
        *_values("specialty", [need.specialty]),
        *_values("achievement_type", [need.achievement_type or ""]),
        *_values("wanted", need.wanted),
        *_values("region", [region_of(need.region)]),
    ]


def _whole(numbers: "array[int]") -> NDArray[np.int64]:
    """A view of a growing array; it must be gone before the next number is added."""
    return np.frombuffer(numbers, dtype=np.int64)


class SubscriptionIndex:
    """Subscriptions by id, matched against one need at a time; for one thread."""

    def __init__(self, subscriptions: Iterable[Subscription] = (), compact_from: int = 1024) -> None:
        """`compact_from`: with fewer places than this, those of removed subscriptions are not worth taking back."""
        self._compact_from = compact_from
        self._start()
        self.put_all(subscriptions)

    def put_all(self, subscriptions: Iterable[Subscription]) -> None:
        for subscription in subscriptions:
            self.put(subscription)

    def _start(self) -> None:
        self._slots: dict[str, int] = {}
        self._known: list[Subscription | None] = []
        self._keys: list[str] = []
        self._owners, self._owner_numbers = array("q"), dict[str, int]()  # the owner of a removed one is _NOBODY
        self._numbers: dict[Atom, int] = {}
        self._ways: dict[int, list[tuple[frozenset[int], int]]] = defaultdict(list)
        self._filed: dict[int, array[int]] = defaultdict(lambda: array("q"))
        self._atoms = array("i")  # of all clauses of all slots, with marks
        self._firsts, self._sizes, self._clauses = array("q"), array("q"), array("q")  # of each slot

    def __len__(self) -> int:
        return len(self._slots)

    def remove(self, key: str) -> None:
        """Forgets a subscription; nothing happens if there is none."""
        slot = self._slots.pop(key, None)
        if slot is None:
            return
        self._known[slot] = None
        self._owners[slot] = _NOBODY
        if len(self._known) > self._compact_from and len(self._slots) * 2 < len(self._known):
            kept = [subscription for subscription in self._known if subscription]
            self._start()
            self.put_all(kept)

    def put(self, subscription: Subscription) -> None:
        """Adds a subscription or replaces the one of the same id."""
        self.remove(subscription.id)
        slot = len(self._known)
        self._known.append(subscription)
        self._keys.append(subscription.id)
        owners = self._owner_numbers
        self._owners.append(owners.setdefault(subscription.organisation_id, len(owners)))
        self._slots[subscription.id] = slot
        clauses = clauses_of(subscription)
        excluded = [[word] for word in _words(subscription.words_none)]
        first = len(self._atoms)
        for clause, mark in [*((c, 0) for c in clauses), *((c, _NEGATED) for c in excluded)]:
            numbers = [self._number(atom) << _MARKS for atom in clause]
            numbers[0] |= _BEGINS | mark
            self._atoms.extend(numbers)
        self._firsts.append(first)
        self._sizes.append(len(self._atoms) - first)
        self._clauses.append(len(clauses) + len(excluded))
        for atom in min(clauses, key=lambda clause: sum(map(_share, clause))):
            self._filed[self._number(atom)].append(slot)

    def _number(self, atom: Atom) -> int:
        number = self._numbers.get(atom)
        if number is None:
            number = self._numbers[atom] = len(self._numbers)
            if isinstance(atom, Word):
                for way in atom.ways:
                    self._ways[way[0]].append((frozenset(way), number))
        return number

    def _holding(self, need: AnalysedNeed) -> NDArray[np.int64]:
        """The numbers of the atoms that hold for a need."""
        numbers = {self._numbers[atom] for atom in _stated(need.need) if atom in self._numbers}
        for term in self._ways.keys() & need.said:
            numbers.update(number for way, number in self._ways[term] if way <= need.said)
        return np.fromiter(numbers, dtype=np.int64, count=len(numbers))

    def candidates(self, need: AnalysedNeed) -> NDArray[np.int64]:
        """The places of the subscriptions that have to be checked for a need: few, or the filing is bad."""
        return self._filed_under(self._holding(need))

    def _filed_under(self, holding: NDArray[np.int64]) -> NDArray[np.int64]:
        """The slots filed under what holds for a need; they still have to be checked."""
        filed = [_whole(self._filed[number]) for number in holding.tolist() if number in self._filed]
        if not filed:
            return np.empty(0, dtype=np.int64)
        slots = np.sort(np.concatenate(filed))
        first = np.diff(slots, prepend=-1) != 0
        return np.asarray(slots[first], dtype=np.int64)

    def match(self, need: AnalysedNeed) -> list[str]:
        """The ids of the subscriptions that the need answers, ascending."""
        holding = self._holding(need)
        slots = self._of_others(self._filed_under(holding), need.need)
        if not len(slots):
            return []
        keys = self._keys
        return sorted([keys[slot] for slot in slots[self._hold(slots, holding)].tolist()])

    def _of_others(self, slots: NDArray[np.int64], need: Need) -> NDArray[np.int64]:
        """Without the removed ones and those whose owners never hear of the need."""
        owners = _whole(self._owners)[slots] if len(slots) else slots
        kept = owners != _NOBODY
        for owner in untold(need) & self._owner_numbers.keys():
            kept &= owners != self._owner_numbers[owner]
        return np.asarray(slots[kept], dtype=np.int64)

    def _hold(self, slots: NDArray[np.int64], holding: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether all clauses of each slot hold."""
        truth = np.zeros(len(self._numbers), dtype=np.bool_)
        truth[holding] = True
        sizes, clauses = _whole(self._sizes)[slots], _whole(self._clauses)[slots]
        ends = np.cumsum(sizes)
        places = np.repeat(_whole(self._firsts)[slots] - ends + sizes, sizes) + np.arange(int(ends[-1]))
        marked = np.frombuffer(self._atoms, dtype=np.int32)[places]
        begins = np.flatnonzero(marked & _BEGINS)
        some = _sums(truth[marked >> _MARKS], np.append(begins, len(marked))) > 0
        broken = some == ((marked[begins] & _NEGATED) != 0)
        bounds = np.append(np.cumsum(clauses) - clauses, len(broken))
        return np.asarray(_sums(broken, bounds) == 0, dtype=np.bool_)


def _sums(flags: NDArray[np.bool_], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many flags are up between each two bounds (twice as fast as `reduceat`)."""
    before = np.zeros(len(flags) + 1, dtype=np.int64)
    np.cumsum(flags, out=before[1:])
    return np.diff(before[bounds])
