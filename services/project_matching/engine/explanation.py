"""Says why a pair scores what it scores, in Chinese and in English, and what would change it."""

from dataclasses import replace
from functools import lru_cache
from itertools import islice

from project_matching.engine.analysis import AnalysedNeed, AnalysedProfile
from project_matching.engine.exclusions import RULES, exclusion
from project_matching.engine.facets import BESIDE_TEXT, FULL, TEXT_FLOOR, VALUES, WEIGHTS, text_points
from project_matching.engine.glossary import Entry, glossary
from project_matching.engine.items import best_item
from project_matching.engine.model import (
    Explanation,
    Facet,
    Need,
    Profile,
    Text,
    WordMatch,
)
from project_matching.engine.pair import best_channel, contributions
from project_matching.engine.statistics import CHANNELS, shipped_statistics
from project_matching.engine.surfaces import Surfaces, need_surfaces, profile_surfaces
from project_matching.engine.word_matches import matches
from project_matching.engine.wording import change_text, facet_text, words_text

ENGINE_VERSION = "1"
_MILLION = 1_000_000
_MOST_WORDS = 12
_MOST_MISSING = 3


def explain(asking: AnalysedNeed, telling: AnalysedProfile) -> Explanation:
    """The whole account of one pair; costs some milliseconds, so it is made for pairs that are shown."""
    need, profile = asking.need, telling.profile
    channel, raw = best_channel(asking, telling)
    added = {name: contributions(asking, telling, name) for name in CHANNELS}
    told = profile_surfaces(profile)
    words = matches(added, need_surfaces(need), told)
    halves = {code: int(VALUES[code](asking.traits, telling.traits)) for code in BESIDE_TEXT}
    forbidden = exclusion(need, profile)
    reached = raw >= TEXT_FLOOR
    facets = (_text_facet(raw, words[channel], reached), *_other_facets(need, profile, halves))
    return Explanation(
        score=sum(round(facet.points * _MILLION) for facet in facets) / _MILLION,
        suggested=reached and forbidden is None,
        excluded=forbidden,
        facets=facets,
        words=_in_points(_best_words(words, channel), raw),
        item=best_item(profile, added[channel]),
        would_change=change_text(need, profile, halves, _missing(asking, told)),
        engine=ENGINE_VERSION,
        statistics=shipped_statistics().version,
        excluded_text=RULES[forbidden][1] if forbidden else None,
    )


def _in_points(found: list[WordMatch], raw: int) -> tuple[WordMatch, ...]:
    """Shares of the text's points, by what each word added to the word score."""
    text = int(text_points(raw)) / _MILLION
    return tuple(replace(word, points=round(word.points / max(raw, 1) * text, 4)) for word in found)


def _best_words(words: dict[str, list[WordMatch]], channel: str) -> list[WordMatch]:
    """The words that counted, then those of the other channel that say more, which can be marked as well."""
    best = words[channel][:_MOST_WORDS]
    shown = {word.need for word in best}
    others = (word for word in words["en" if channel == "zh" else "zh"] if word.need not in shown)
    return [*best, *islice(others, _MOST_WORDS)]


def _text_facet(raw: int, words: list[WordMatch], reached: bool) -> Facet:
    points = int(text_points(raw))
    shown = [w.need if w.need == w.profile else f"{w.need} ↔ {w.profile}" for w in words]
    value = round(points / WEIGHTS["text"], 6)
    return Facet("text", value, WEIGHTS["text"] / _MILLION, points / _MILLION, words_text(shown, reached))


def _other_facets(need: Need, profile: Profile, halves: dict[str, int]) -> list[Facet]:
    return [
        Facet(
            code,
            half / FULL,
            WEIGHTS[code] / _MILLION,
            WEIGHTS[code] * half // FULL / _MILLION,
            facet_text(code, half, need, profile),
        )
        for code, half in halves.items()
    ]


def _missing(asking: AnalysedNeed, told: Surfaces) -> list[Text]:
    """The need's weightiest terms of the trade of which the profile says nothing, in both languages."""
    missing: list[Text] = []
    stems = told.stems
    for entry in _terms_of_the_trade(asking):
        if len(missing) == _MOST_MISSING:
            break
        text = Text(entry.written, entry.english[0])
        if not entry.said_by(stems) and not any(_overlap(text, other) for other in missing):
            missing.append(text)
    return missing


@lru_cache(maxsize=128)
def _terms_of_the_trade(asking: AnalysedNeed) -> list[Entry]:
    """What the glossary has of all that a need says, the weightiest first; the same for all its suggestions."""
    weights = dict(zip(asking.en.terms.tolist(), asking.en.weights.tolist(), strict=True))
    asked = need_surfaces(asking.need)
    return glossary().said_in({stem: weights.get(stem, 0) for stem in (*asked.forms, *asked.phrases)})


def _overlap(one: Text, other: Text) -> bool:
    """Whether two terms say the same or one is a part of the other."""
    pairs = ((one.zh or "", other.zh or ""), (one.en or "", other.en or ""))
    return any(left in right or right in left for left, right in pairs)
