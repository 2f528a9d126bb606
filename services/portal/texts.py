"""The console's own words in both languages: gettext catalogue, code names, dates, and text that people wrote."""

import gettext
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from common import vocabulary
from common.text import LANGUAGES, Language

CATALOGUE = Path(__file__).parent / "locale" / "zh_CN" / "LC_MESSAGES" / "portal.po"
LOCALES: Mapping[Language, str] = {"zh": "zh_CN", "en": "en_GB"}
TIME_ZONE = ZoneInfo("Asia/Shanghai")  # the alliance's secretariat; every absolute time is shown in it and says so


@cache
def catalogue(language: Language) -> gettext.NullTranslations:
    """The messages in one language: English is the source text itself, Chinese is compiled from the .po file."""
    if language == "en":
        return gettext.NullTranslations()
    with CATALOGUE.open("rb") as file:
        messages = read_po(file, locale="zh_CN")
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def known(language: object) -> Language | None:
    """The language if it is one of ours, else nothing."""
    return next((ours for ours in LANGUAGES if ours == language), None)


def code_name(kind: str, code: str | None, language: Language) -> str:
    """A code of `common.vocabulary` in words: `code_name("NeedState", "draft", "zh")`; unknown codes stay codes."""
    if code is None:
        return ""
    try:
        member: vocabulary.Code = getattr(vocabulary, kind)(code)
    except ValueError:
        return code
    return member.zh if language == "zh" else member.en


def choices(kind: str, language: Language) -> list[tuple[str, str]]:
    """Every code of one vocabulary with its name, in the vocabulary's order, for select fields and check boxes."""
    return [(str(code), code.zh if language == "zh" else code.en) for code in getattr(vocabulary, kind)]


def in_language(text: Mapping[str, Any] | None, language: Language) -> tuple[str, Language]:
    """A bilingual text in this language, or in the other when it was only written there, and which one it is."""
    if not text:
        return "", language
    other: Language = "en" if language == "zh" else "zh"
    if text.get(language):
        return str(text[language]), language
    return str(text.get(other) or ""), other if text.get(other) else language


def shown(text: Mapping[str, Any] | None, language: Language) -> Markup:
    """A bilingual text as HTML; words in the other language are marked as such for screen readers and fonts."""
    words, written_in = in_language(text, language)
    if written_in == language:
        return escape(words)
    return Markup('<span lang="{}">{}</span>').format("zh-CN" if written_in == "zh" else "en", words)


def moment(value: str | datetime | None) -> datetime | None:
    """A point in time from the services' ISO 8601 text."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value)


def date(value: str | datetime | None, language: Language) -> str:
    """The day, in words: 22 Nov 2026, 2026年11月22日."""
    at = moment(value)
    return format_date(at.astimezone(TIME_ZONE), "medium", locale=LOCALES[language]) if at else ""


def date_time(value: str | datetime | None, language: Language) -> str:
    """Day and time in the alliance's time zone, which is named."""
    at = moment(value)
    if not at:
        return ""
    words = format_datetime(at, "medium", tzinfo=TIME_ZONE, locale=LOCALES[language])
    return f"{words}（北京时间）" if language == "zh" else f"{words} (Beijing time)"


def ago(value: str | datetime | None, language: Language) -> Markup:
    """How long ago something was, with the exact time in the title and for machines."""
    at = moment(value)
    if not at:
        return Markup("")
    passed = format_timedelta(at - datetime.now(UTC), add_direction=True, locale=LOCALES[language], threshold=1.2)
    html = Markup('<time datetime="{}" title="{}">{}</time>')
    return html.format(at.isoformat(timespec="seconds"), date_time(at, language), passed)
