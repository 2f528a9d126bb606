"""Words by which organisations are found: English stems and Chinese words, as PostgreSQL's tsvector and tsquery."""

import re
import unicodedata
from collections.abc import Iterable

import rjieba
import snowballstemmer

_PIECES = re.compile(r"[a-z0-9]+|[㐀-䶿一-鿿]+")
_LITTLE = "a an and are as at by for from in into is of on or the to with 的 和 与 及 在 了"
_STOP = frozenset(_LITTLE.split())
_LAST_PLACE = 16383  # PostgreSQL counts no further in a tsvector

_stem = snowballstemmer.stemmer("english").stemWord


def folded(text: str) -> str:
    """Lower case, full-width forms as usual ones, without accents."""
    decomposed = unicodedata.normalize("NFKD", text).lower()
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def words(text: str, *, within: bool = False) -> list[str]:
    """The words of a text in order; `within` adds the shorter words inside long Chinese ones."""
    cut = rjieba.cut_for_search if within else rjieba.cut
    found: list[str] = []
    for piece in _PIECES.findall(folded(text)):
        found += [_stem(piece)] if piece.isascii() else cut(piece)
    return [word for word in found if word not in _STOP]


def document(parts: Iterable[tuple[str, str | None]]) -> str:
    """A tsvector of (weight A to D, text) parts; words hold letters and digits only, so nothing needs quoting."""
    places: dict[str, list[str]] = {}
    place = 0
    for weight, text in parts:
        for word in words(text or "", within=True):
            place = min(place + 1, _LAST_PLACE)
            entries = places.setdefault(word, [])
            if len(entries) < 100:
                entries.append(f"{place}{weight}")
    return " ".join(f"'{word}':{','.join(entries)}" for word, entries in places.items())


def query(text: str) -> str | None:
    """A tsquery that wants all words, the last one perhaps not typed to its end; None when there is none."""
    wanted = list(dict.fromkeys(words(text)))[:20]
    if not wanted:
        return None
    return " & ".join([*(f"'{word}'" for word in wanted[:-1]), f"'{wanted[-1]}':*"])
