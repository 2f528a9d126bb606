"""Text in two languages, side by side: the one shape of everything people write and read."""

import re
import unicodedata
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Language: TypeAlias = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

# Control characters but for tab and line ends, and lone surrogates (Unicode categories Cc and Cs).
_NOT_STORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(value: str) -> str:
    """The text in Unicode form NFC; refuses what PostgreSQL or a screen cannot hold (NUL, other controls)."""
    if _NOT_STORABLE.search(value):
        raise PydanticCustomError("control_character", "contains a character that cannot be stored")
    return unicodedata.normalize("NFC", value)


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(clean)]
Paragraphs = Annotated[str, StringConstraints(strip_whitespace=True, max_length=8000), AfterValidator(clean)]


class _TwoLanguages(BaseModel):
    """Shared behaviour of a title (one line) and a body (paragraphs)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str | None = None
    en: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _blank_is_missing(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {k: (None if isinstance(v, str) and not v.strip() else v) for k, v in data.items()}
        return data

    def in_language(self, language: Language) -> str:
        """The text in this language, else in the other, else empty."""
        first, second = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return first or second or ""

    @property
    def empty(self) -> bool:
        return not (self.zh or self.en)


class Bilingual(_TwoLanguages):
    """One line in Chinese and/or English, at most 300 characters each; may be empty where it is optional."""

    zh: Line | None = None
    en: Line | None = None


class BilingualText(_TwoLanguages):
    """Paragraphs in Chinese and/or English, at most 8000 characters each; may be empty where optional."""

    zh: Paragraphs | None = None
    en: Paragraphs | None = None


class RequiredBilingual(Bilingual):
    """One line that must be there in at least one language."""

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if self.empty:
            raise PydanticCustomError("text_required", "is needed in Chinese or in English")
        return self


class RequiredBilingualText(BilingualText):
    """Paragraphs that must be there in at least one language."""

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if self.empty:
            raise PydanticCustomError("text_required", "is needed in Chinese or in English")
        return self
