"""Which words of a need and of a profile say the same, and how many points each such pair of words earned."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from project_matching.engine.analysis import AnalysedNeed, AnalysedProfile, Weighted
from project_matching.engine.model import WordMatch
from project_matching.engine.surfaces import Surfaces
from project_matching.engine.terms import character_pairs, term_of
from project_matching.engine.tokens import chinese_words

_LONGEST_PIECE = 12


@dataclass
class _Gathered:
    """Points under the form shown, with all the forms to be marked in the two texts."""

    points: float = 0.0
    need_forms: dict[str, None] = field(default_factory=dict)
    profile_forms: dict[str, None] = field(default_factory=dict)


def contributions(asked: Weighted, told: Weighted) -> dict[int, int]:
    """What each shared term adds to the word score."""
    terms, left, right = np.intersect1d(asked.terms, told.terms, assume_unique=True, return_indices=True)
    products = asked.weights[left].astype(np.int64) * told.weights[right].astype(np.int64)
    return dict(zip(terms.tolist(), products.tolist(), strict=True))


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
    """The longest stretches of the need that stand in the profile too, and shared Latin words."""
    shown: dict[tuple[str, str], _Gathered] = defaultdict(_Gathered)
    left = dict(added)
    told = "\n".join(profile.runs)
    for run in sorted(need.runs, key=len, reverse=True):
        for piece in _pieces(run, left, told):
            gained = sum(left.pop(number, 0) for number in _numbers(piece))
            if gained:
                _gather(shown[("zh-zh", piece)], gained, [piece], [piece])
    for stem, gain in left.items():
        if stem in need.forms and stem in profile.forms:
            _gather(shown[("en-en", str(stem))], gain, need.forms[stem], profile.forms[stem])
    return _as_matches(shown)


def _pieces(run: str, added: dict[int, int], told: str) -> list[str]:
    """Cuts a run into stretches whose pairs earned points and which the profile has as a whole."""
    pieces, start = [], 0
    numbers = _pair_numbers(run)
    while start < len(numbers):
        end = start
        while end < len(numbers) and end - start < _LONGEST_PIECE and numbers[end] in added:
            end += 1
        piece = run[start : end + 1] if end > start else ""
        while len(piece) > 2 and piece not in told:
            piece = piece[:-1]
        if piece:
            pieces.append(piece)
        start += max(1, len(piece) - 1)
    return sorted(pieces, key=len, reverse=True)


def _pair_numbers(run: str) -> list[int]:
    codes = np.frombuffer(run.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    numbers: list[int] = character_pairs(codes[:-1], codes[1:]).tolist()
    return numbers


def _numbers(piece: str) -> list[int]:
    return [*_pair_numbers(piece), *(term_of("/" + word) for word in chinese_words(piece) if len(word) > 1)]


def _gather(into: _Gathered, gain: float, asked: list[str], told: list[str]) -> None:
    into.points += gain
    into.need_forms.update(dict.fromkeys(asked))
    into.profile_forms.update(dict.fromkeys(told))


def _as_matches(shown: dict[tuple[str, str], _Gathered]) -> list[WordMatch]:
    matches = []
    for (languages, _), one in shown.items():
        asked, told = tuple(one.need_forms), tuple(one.profile_forms)
        language = languages[:2] if languages in ("zh-zh", "en-en") else languages
        matches.append(WordMatch(_shown(asked), _shown(told), one.points, language, asked, told))
    return sorted(matches, key=lambda match: (-match.points, match.need))


def _shown(forms: tuple[str, ...]) -> str:
    """The first form; of several words that one phrase stands for, all of them."""
    stems = {form.casefold()[:4] for form in forms}
    return forms[0] if len(stems) == 1 else " ".join(forms[:4])


def matches(
    need: AnalysedNeed, profile: AnalysedProfile, asked: Surfaces, told: Surfaces
) -> dict[str, list[WordMatch]]:
    """Per channel the matches, their points still in units of the word score."""
    return {
        "zh": chinese_matches(contributions(need.zh, profile.zh), asked, told),
        "en": english_matches(contributions(need.en, profile.en), asked, told),
    }
