"""Terms as numbers of 39 bits: words are hashed once, pairs of words are computed from their words' numbers.

That many bits keep a vocabulary of a million terms practically free of collisions (one expected). One bit more says
that a profile's term is `translated`; 24 are left for a position when terms are sorted together with where they stand
(`tally`, `postings`).
"""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Terms = NDArray[np.uint64]

TERM_BITS = 40
POSITION_BITS = 64 - TERM_BITS
POSITIONS = np.uint64((1 << POSITION_BITS) - 1)
TRANSLATED = 1 << (TERM_BITS - 1)
_LOW = np.uint64(TRANSLATED - 1)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def term_of(word: str) -> int:
    """The number of one word; never 0, which stands for a gap between two texts."""
    digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=5).digest()
    return int.from_bytes(digest, "little") % TRANSLATED or 1


def translated(terms: Terms) -> Terms:
    """The same terms as they stand in a text that says them in the other language."""
    return terms | np.uint64(TRANSLATED)


def plain(term: int) -> int:
    """A term whether translated or not."""
    return term & (TRANSLATED - 1)


def _mixed(numbers: Terms) -> Terms:
    """The splitmix64 finaliser: spreads close numbers over all bits."""
    x = numbers + _STEP
    x ^= x >> np.uint64(30)
    x *= _MIX_1
    x ^= x >> np.uint64(27)
    x *= _MIX_2
    x ^= x >> np.uint64(31)
    return x


def unordered_pairs(left: Terms, right: Terms) -> Terms:
    """The number of {left, right}, whichever comes first."""
    one, other = _mixed(np.array([left, right]))
    return (_mixed(one + other) & _LOW) | np.uint64(1)


def character_pairs(left: NDArray[np.unsignedinteger], right: NDArray[np.unsignedinteger]) -> Terms:
    """The number of two neighbouring characters, in this order."""
    both = (left.astype(np.uint64) << np.uint64(32)) | right.astype(np.uint64)
    return (_mixed(both) & _LOW) | np.uint64(1)
