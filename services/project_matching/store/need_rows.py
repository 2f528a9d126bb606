"""A need as a row: its columns, what is written into them and what is read out of them."""

from typing import Any

from asyncpg import Record

from common.events.member_registry import Provenance
from common.text import Bilingual, BilingualText
from common.vocabulary import (
    AchievementType,
    DeviceClass,
    Disclosure,
    NeedState,
    RecordKind,
    Specialty,
    Stage,
    WantedSide,
)
from project_matching.model.content import TEXTS, NeedContent
from project_matching.model.need import Need
from project_matching.model.words import indexed_words

_TEXT_COLUMNS = tuple(f"{name}_{language}" for name in TEXTS for language in ("zh", "en"))
_VECTORS = ("words", "disclosed_words")
COLUMNS = (
    "id", "version", "organisation_id", "posted_by_secretariat", "state", "record", "provenance", *_TEXT_COLUMNS,
    "text_revisions", "specialty", "achievement_type", "wanted", "device_class", "stage", "region", "disclosure",
    "blocked_organisations", "return_reason_zh", "return_reason_en", "withdraw_reason_zh", "withdraw_reason_en",
    "created_at", "in_state_since", "submitted_at", "published_at", *_VECTORS,
)  # fmt: skip
READ = ", ".join(f"n.{column}" for column in COLUMNS if column not in _VECTORS)
"""What a SELECT names to make a need with `need_of`; it also needs `p.name_zh AS organisation_name_zh` and `_en`."""
PLACEHOLDERS = ", ".join(
    f"array_to_tsvector(string_to_array(${n}::text, ' '))" if column in _VECTORS else f"${n}"
    for n, column in enumerate(COLUMNS, 1)
)
"""A row's values in a statement; the word columns are made from words with spaces between.

As an array each word would cost the driver what a whole text costs it.
"""


def values_of(need: Need) -> list[Any]:
    """The row of a need, in the order of COLUMNS."""
    content = need.content
    texts = _texts(content)
    disclosed = texts if content.disclosed_texts == TEXTS else _texts(content, content.disclosed_texts)
    words = _words(texts)
    row: dict[str, Any] = {
        **{column: getattr(need, column) for column in _SAME_IN_NEED},
        **{column: getattr(content, column) for column in _SAME_IN_CONTENT},
        **texts,
        **_reason("return_reason", need.return_reason),
        **_reason("withdraw_reason", need.withdraw_reason),
        "text_revisions": dict(need.text_revisions),
        "provenance": content.provenance.model_dump(mode="json") if content.provenance else None,
        "wanted": list(content.wanted),
        "blocked_organisations": list(content.blocked_organisations),
        "words": words,
        "disclosed_words": words if disclosed is texts else _words(disclosed),
    }
    return [row[column] for column in COLUMNS]


def need_of(row: Record) -> Need:
    """The need of a row."""
    return Need(
        **{column: row[column] for column in _SAME_IN_NEED if column != "state"},
        state=NeedState(row["state"]),
        organisation_name=Bilingual(zh=row["organisation_name_zh"], en=row["organisation_name_en"]),
        content=_content(row),
        text_revisions=row["text_revisions"],
        return_reason=_reason_of(row, "return_reason"),
        withdraw_reason=_reason_of(row, "withdraw_reason"),
    )


_SAME_IN_NEED = (
    "id", "version", "organisation_id", "posted_by_secretariat", "state", "created_at", "in_state_since",
    "submitted_at", "published_at",
)  # fmt: skip
_SAME_IN_CONTENT = ("record", "specialty", "achievement_type", "device_class", "stage", "region", "disclosure")


def _texts(content: NeedContent, names: tuple[str, ...] = TEXTS) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in names:
        text = content.text(name)
        found |= {f"{name}_zh": text.zh, f"{name}_en": text.en}
    return found


def _words(texts: dict[str, str | None]) -> str:
    return " ".join(indexed_words(texts.values()))


def _reason(name: str, reason: BilingualText | None) -> dict[str, str | None]:
    return {f"{name}_zh": reason.zh if reason else None, f"{name}_en": reason.en if reason else None}


def _reason_of(row: Record, name: str) -> BilingualText | None:
    found = BilingualText(zh=row[f"{name}_zh"], en=row[f"{name}_en"])
    return None if found.empty else found


def _content(row: Record) -> NeedContent:
    def text(name: str) -> BilingualText:
        return BilingualText(zh=row[f"{name}_zh"], en=row[f"{name}_en"])

    return NeedContent(
        title=Bilingual(zh=row["title_zh"], en=row["title_en"]),
        problem=text("problem"),
        population=text("population"),
        outcome=text("outcome"),
        workflow_step=text("workflow_step"),
        specialty=Specialty(row["specialty"]) if row["specialty"] else None,
        achievement_type=AchievementType(row["achievement_type"]) if row["achievement_type"] else None,
        wanted=tuple(WantedSide(side) for side in row["wanted"]),
        device_class=DeviceClass(row["device_class"]),
        stage=Stage(row["stage"]),
        region=row["region"],
        disclosure=Disclosure(row["disclosure"]),
        record=RecordKind(row["record"]),
        provenance=Provenance.model_validate(row["provenance"]) if row["provenance"] else None,
        blocked_organisations=tuple(row["blocked_organisations"]),
    )
