"""Which words of a need and of a profile say the same, and how many points each such pair of words earned."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from project_matching.engine.model import WordMatch
from project_matching.engine.surfaces import Surfaces
from project_matching.engine.terms import character_pairs, term_of
from project_matching.engine.tokens import chinese_words

_SHORTEST_PART = 2
# Characters of grammar, with which no stretch shown to people begins or ends.
_GRAMMAR = frozenset(
    "的了和与及或在中为对于被把使将可能有无不未是等其以由从到所这那各每个者地得之而且并但若如因此后前时当"
)


@dataclass
class _Gathered:
    """Points under the form shown, with all the forms to be marked in the two texts."""

    points: float = 0.0
    shown: tuple[dict[str, None], dict[str, None]] = field(default_factory=lambda: ({}, {}))
    forms: tuple[dict[str, None], dict[str, None]] = field(default_factory=lambda: ({}, {}))


_MOST_SHOWN = 4


def english_matches(added: dict[int, int], need: Surfaces, profile: Surfaces) -> list[WordMatch]:
    """Words in common in the English channel; a pair of words gives half its points to each of them."""
    by_stem: dict[int, float] = defaultdict(float)
    for term, gain in added.items():
        if term in need.forms or term in need.phrases:
            by_stem[term] += gain
        elif term in need.pairs:
            for stem in need.pairs[term]:
                by_stem[stem] += gain / 2
    shown: dict[tuple[str, str], _Gathered] = defaultdict(_Gathered)
    for stem, points in by_stem.items():
        (asked_in, asked), (told_in, told) = need.of(stem), profile.of(stem)
        if asked and told:
            own = asked[0] if asked_in == "zh" else told[0] if told_in == "zh" else str(stem)
            _gather(shown[(f"{asked_in}-{told_in}", own)], points, asked, told)
    return _as_matches(shown)


def chinese_matches(added: dict[int, int], need: Surfaces, profile: Surfaces) -> list[WordMatch]:
    """The longest stretches of words of the need that stand in the profile too, and shared Latin words."""
    shown: dict[tuple[str, str], _Gathered] = defaultdict(_Gathered)
    left = dict(added)
    told = "\n".join(profile.runs)
    stretches = {found for run in dict.fromkeys(need.runs) for found in _stretches(run, told)}
    for piece, before, after in sorted(stretches, key=lambda one: (-len(one[0]), one)):
        numbers = (*_pair_numbers(before + piece + after), *_word_numbers(piece))
        gained = sum(left.pop(number, 0) for number in numbers)
        if gained:
            _gather(shown[("zh-zh", piece)], gained, [piece], [piece])
    for stem, points in left.items():
        if stem in need.forms and stem in profile.forms:
            _gather(shown[("en-en", str(stem))], points, need.forms[stem], profile.forms[stem])
    return _as_matches(shown)


def _stretches(run: str, told: str) -> list[tuple[str, str, str]]:
    """Words of a run that the profile has, as far as possible joined, with the character before and after."""
    words, found, place = chinese_words(run), [], 0
    while words:
        count = len(words)
        while count and (words[0] in _GRAMMAR or not _is_told(words[:count], told)):
            count -= 1
        while count and words[count - 1] in _GRAMMAR:
            count -= 1
        piece = "".join(words[: count or 1])
        end = place + len(piece)
        if count:
            found.append((piece, run[max(place - 1, 0) : place], run[end : end + 1]))
        else:
            found.extend((part, "", "") for part in _parts(piece, told))
        del words[: count or 1]
        place = end
    return found


def _is_told(words: list[str], told: str) -> bool:
    """Whether the profile has the words in a row; a lone character is too little to go by."""
    piece = "".join(words)
    return len(piece) >= _SHORTEST_PART and piece in told


def _parts(word: str, told: str) -> list[str]:
    """The longest pieces of two and more characters of a word that the profile has only in part."""
    parts, start = [], 0
    while start < len(word) - 1:
        size = len(word) - start
        while size >= _SHORTEST_PART and word[start : start + size] not in told:
            size -= 1
        if size >= _SHORTEST_PART:
            parts.append(word[start : start + size])
        start += max(size, 1)
    return parts


def _pair_numbers(run: str) -> list[int]:
    codes = np.frombuffer(run.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    numbers: list[int] = character_pairs(codes[:-1], codes[1:]).tolist()
    return numbers


def _word_numbers(piece: str) -> list[int]:
    return [term_of("/" + word) for word in chinese_words(piece) if len(word) > 1]


def _gather(into: _Gathered, gain: float, asked: list[str], told: list[str]) -> None:
    into.points += gain
    for side, forms in enumerate((asked, told)):
        into.shown[side][forms[0]] = None
        into.forms[side].update(dict.fromkeys(forms))


def _as_matches(shown: dict[tuple[str, str], _Gathered]) -> list[WordMatch]:
    matches = []
    for (languages, _), one in shown.items():
        asked, told = (" ".join(list(side)[:_MOST_SHOWN]) for side in one.shown)
        language = languages[:2] if languages in ("zh-zh", "en-en") else languages
        need_forms, profile_forms = (tuple(side) for side in one.forms)
        matches.append(WordMatch(asked, told, one.points, language, need_forms, profile_forms))
    return sorted(matches, key=lambda match: (-match.points, match.need))


def matches(added: dict[str, dict[int, int]], asked: Surfaces, told: Surfaces) -> dict[str, list[WordMatch]]:
    """Per channel the matches of what was added there, their points still in units of the word score."""
    return {"zh": chinese_matches(added["zh"], asked, told), "en": english_matches(added["en"], asked, told)}
