"""What goes into the matching engine and what comes out of it: plain frozen records, no behaviour."""

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Text:
    """One text as people wrote it, in Chinese, in English, or in both side by side."""

    zh: str | None = None
    en: str | None = None

    def parts(self) -> tuple[str, ...]:
        return tuple(part for part in (self.zh, self.en) if part)


@dataclass(frozen=True, slots=True)
class Need:
    """A clinical need; `title` and `texts` hold only what its disclosure level lets a counterpart read."""

    id: str
    organisation_id: str
    title: Text
    texts: tuple[Text, ...] = ()
    specialty: str = "other"
    achievement_type: str | None = None
    wanted: tuple[str, ...] = ()
    device_class: str = "not_stated"
    stage: str | None = None
    region: str | None = None
    blocked: frozenset[str] = frozenset()
    competitors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing an organisation makes or can do."""

    title: Text
    text: Text = Text()
    device_class: str = "not_stated"
    specialty: str | None = None
    stage: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What an organisation says of itself; one profile an organisation."""

    organisation_id: str
    kind: str
    names: Text
    active: bool = True
    summary: Text = Text()
    capabilities: tuple[Text, ...] = ()
    items: tuple[Item, ...] = ()
    specialties: tuple[str, ...] = ()
    region: str | None = None
    blocked: frozenset[str] = frozenset()
    competitors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subscription:
    """A standing filter over needs; an empty condition lets everything pass, all conditions must hold."""

    id: str
    organisation_id: str
    specialties: tuple[str, ...] = ()
    achievement_types: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    words_all: tuple[str, ...] = ()
    words_any: tuple[str, ...] = ()
    words_none: tuple[str, ...] = ()


class Scored(NamedTuple):
    """One pair that may be suggested; `micro` is the score in millionths, so that equal means equal."""

    need_id: str
    organisation_id: str
    micro: int
    text_micro: int

    @property
    def score(self) -> float:
        return self.micro / 1_000_000


@dataclass(frozen=True, slots=True)
class Facet:
    """One part of a score: `points` = `weight` x `value`; the points of all facets add up to the score."""

    code: str
    value: float
    weight: float
    points: float
    text: Text


@dataclass(frozen=True, slots=True)
class WordMatch:
    """Words of the need and of the profile that say the same, as they stand in the two texts.

    `language` is zh or en, or zh-en where a Chinese need meets an English profile (en-zh the other way round);
    the forms are all the spellings to be marked in the texts.
    """

    need: str
    profile: str
    points: float
    language: str
    need_forms: tuple[str, ...] = ()
    profile_forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BestItem:
    """The item of the profile that has most to do with the need; `position` counts from 0."""

    position: int
    title: Text
    value: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair scores what it scores, and what would change it."""

    score: float
    suggested: bool
    excluded: str | None
    facets: tuple[Facet, ...]
    words: tuple[WordMatch, ...]
    item: BestItem | None
    would_change: Text | None
    engine: str
    statistics: str
    excluded_text: Text | None = field(default=None)
