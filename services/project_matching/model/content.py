"""What a need says: the parts of the Biodesign statement, its codes, and how much of it others may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from common.events.member_registry import Provenance
from common.text import LANGUAGES, Bilingual, BilingualText, Language
from common.vocabulary import (
    AchievementType,
    DeviceClass,
    Disclosure,
    RecordKind,
    Specialty,
    Stage,
    WantedSide,
)

TEXTS = ("title", "problem", "population", "outcome", "workflow_step")
"""What people write, each in Chinese and/or English; "a way to [problem] in [population] in order to [outcome]"."""


NOT_WRITTEN = BilingualText()


@dataclass(frozen=True, kw_only=True)
class NeedContent:
    """Everything the poster may change while the need is a draft; codes may be missing until it is submitted."""

    title: Bilingual
    problem: BilingualText = NOT_WRITTEN
    population: BilingualText = NOT_WRITTEN
    outcome: BilingualText = NOT_WRITTEN
    workflow_step: BilingualText = NOT_WRITTEN
    specialty: Specialty | None = None
    achievement_type: AchievementType | None = None
    wanted: tuple[WantedSide, ...] = ()
    device_class: DeviceClass = DeviceClass.not_stated
    stage: Stage = Stage.pain_point
    region: str | None = None
    disclosure: Disclosure = Disclosure.summary
    record: RecordKind = RecordKind.member
    provenance: Provenance | None = None
    blocked_organisations: tuple[UUID, ...] = ()

    def text(self, name: str) -> Bilingual | BilingualText:
        """One of TEXTS by its name."""
        found: Bilingual | BilingualText = getattr(self, name)
        return found

    @property
    def disclosed_texts(self) -> tuple[str, ...]:
        """The names of the texts that others than the poster may read: the ladder of disclosure."""
        return TEXTS if self.disclosure is Disclosure.summary else ("title",)


def first_revisions(content: NeedContent) -> dict[str, int]:
    """A new need was written as a whole in version 1."""
    return {f"{name}.{language}": 1 for name, language, _ in _written(content)}


def revisions_after(
    before: NeedContent, revisions: Mapping[str, int], after: NeedContent, version: int
) -> dict[str, int]:
    """The version in which each text was last written; one that did not change keeps its own."""
    known = {(name, language): text for name, language, text in _written(before)}
    return {
        f"{name}.{language}": revisions[f"{name}.{language}"] if known.get((name, language)) == text else version
        for name, language, text in _written(after)
    }


def stale_translations(revisions: Mapping[str, int]) -> tuple[str, ...]:
    """Texts whose other language was written later: `title.en` when only the Chinese title was revised since."""
    other = {"zh": "en", "en": "zh"}
    return tuple(
        sorted(
            place
            for place, written in revisions.items()
            if revisions.get(f"{place[:-3]}.{other[place[-2:]]}", 0) > written
        )
    )


def _written(content: NeedContent) -> list[tuple[str, Language, str]]:
    return [
        (name, language, text)
        for name in TEXTS
        for language in LANGUAGES
        if (text := getattr(content.text(name), language))
    ]
