"""Marks the words that made a match, in whatever text they stand, without trusting either side's text as HTML."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

LETTER = re.compile(r"[A-Za-z0-9]")


def _pattern(word: str) -> str:
    """Latin words match from their beginning (so that plurals and endings are marked too), Chinese ones anywhere."""
    body = r"[\s\-]+".join(re.escape(part) for part in word.split())
    return rf"(?<![A-Za-z0-9]){body}[A-Za-z]{{0,3}}(?![A-Za-z])" if LETTER.match(word) else body


def marked(text: str, words: Iterable[str]) -> Markup:
    """The text as HTML with every one of the words inside <mark>; longer words win over words inside them."""
    wanted = sorted({word.strip() for word in words if word and word.strip()}, key=len, reverse=True)
    if not wanted or not text:
        return escape(text)
    pieces, end = [], 0
    for found in re.finditer("|".join(map(_pattern, wanted)), text, re.IGNORECASE):
        pieces += [escape(text[end : found.start()]), Markup("<mark>{}</mark>").format(found.group())]
        end = found.end()
    return Markup("").join([*pieces, escape(text[end:])])


def words_of(suggestion: Mapping[str, Any] | None, side: str) -> list[str]:
    """The words of a suggestion that stand in the need's text or in the profile's."""
    return [str(word[side]) for word in (suggestion or {}).get("words", []) if word.get(side)]
