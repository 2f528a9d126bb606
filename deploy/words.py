"""What a person in front of a terminal is told, in Chinese and English; needs Python's own library only.

Progress is told in the operator's language, in both where the environment names none; failures always in both.
"""

import os
import unicodedata
from dataclasses import dataclass

SETTINGS = ("ALLIANCE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@dataclass(frozen=True)
class Words:
    """One text in both languages; as a string it is in the operator's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.spoken()

    def spoken(self, between: str = " / ") -> str:
        """In the operator's language, or in both where that is not known."""
        return {"zh": self.zh, "en": self.en}.get(language(), f"{self.zh}{between}{self.en}")

    @property
    def both(self) -> str:
        """One under the other; once where the two are the same."""
        return self.zh if self.zh == self.en else f"{self.zh}\n{self.en}"


class Told(Exception):
    """A failure that a person can read; a traceback would tell less."""

    def __init__(self, what: Words) -> None:
        super().__init__(what.both)
        self.what = what


def language() -> str:
    """The first two letters of the setting or the locale: `zh`, `en`, or whatever it is ("" when nothing is set)."""
    return next((value[:2].lower() for name in SETTINGS if (value := os.environ.get(name))), "")


def padded(text: object, width: int) -> str:
    """The text filled up with blanks to so many columns of a terminal: a Chinese character takes two."""
    columns = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in str(text))
    return f"{text}{' ' * (width - columns)}"
