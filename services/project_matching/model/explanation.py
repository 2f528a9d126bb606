"""Why a suggestion was made, as it is kept with it and shown: facets, matched words, what would change it."""

from pydantic import BaseModel, ConfigDict

from common.events.project_matching import Facet, MatchedWord
from common.text import Bilingual, BilingualText


class Word(BaseModel):
    """A word of the need and a word of the profile that say the same, with the spellings to be marked in each."""

    model_config = ConfigDict(frozen=True)

    need: str
    profile: str
    points: float
    language: str
    need_forms: tuple[str, ...] = ()
    profile_forms: tuple[str, ...] = ()


class Explanation(BaseModel):
    """The account of one pair at the moment it was suggested; later changes of either side do not rewrite it."""

    model_config = ConfigDict(frozen=True)

    facets: tuple[Facet, ...]
    words: tuple[Word, ...]
    item_title: Bilingual | None
    would_change: BilingualText | None
    engine: str
    statistics: str

    def told_words(self) -> tuple[MatchedWord, ...]:
        """The words as the event carries them."""
        return tuple(MatchedWord(need=w.need, profile=w.profile, points=w.points) for w in self.words)
