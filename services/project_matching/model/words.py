"""The words by which needs are searched: English stems, Chinese single and neighbouring characters."""

from collections.abc import Iterable
from functools import lru_cache
from operator import add

from project_matching.engine.tokens import RUN, chinese_words, normalised, stem

_LONGEST = 100
_MOST_IN_QUERY = 20


def indexed_words(texts: Iterable[str | None]) -> list[str]:
    """Every word under which these texts are found.

    A Chinese text is indexed by its characters and pairs of neighbours, so that what is found does not depend on
    where a dictionary cuts the text; the dictionary cuts the query.
    """
    found: set[str] = set()
    for text in filter(None, texts):
        for run in RUN.findall(normalised(text)):
            found.update(_grams(run) if _is_chinese(run) else (_stem(run),))
    return sorted(found)


def search_expression(query: str) -> str | None:
    """The query as a tsquery that wants all its words, English ones as beginnings; None if it has no word at all."""
    wanted: dict[str, None] = {}
    for run in RUN.findall(normalised(query)):
        if not _is_chinese(run):
            wanted[f"'{_stem(run)}':*"] = None
            continue
        for word in chinese_words(run):
            pairs = [gram for gram in _grams(word) if len(gram) == 2] or [word]
            wanted.update((f"'{gram}'", None) for gram in pairs)
    return " & ".join(list(wanted)[:_MOST_IN_QUERY]) or None


_remembered_stem = lru_cache(10_000)(stem)


def _stem(run: str) -> str:
    """Overlong runs are not remembered: they would take the memory of thousands of words."""
    return (_remembered_stem(run) if len(run) <= _LONGEST else stem(run))[:_LONGEST]


def _is_chinese(run: str) -> bool:
    return run >= "\u3400"


def _grams(run: str) -> list[str]:
    return [*run, *map(add, run, run[1:])]
