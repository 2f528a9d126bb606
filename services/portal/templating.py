"""Jinja environments, one per language, with the few words and shapes that every template uses."""

import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from common.text import Language
from portal import highlight, texts
from portal.static_files import STATIC, address

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGE_TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}


@cache
def icon(name: str, label: str | None = None) -> Markup:
    """One of the vendored icons as inline SVG: decoration unless it carries a label."""
    svg = (STATIC / "vendor" / "icons" / f"{name}.svg").read_text()
    body = re.sub(r"\s+", " ", svg[svg.index(">") + 1 : svg.rindex("</svg>")]).strip()
    body = body.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "").strip()
    meaning = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>'
    ).format(meaning, Markup(body))


def percent(value: float | None, digits: int = 0) -> str:
    """A share between 0 and 1 as per cent."""
    return f"{(value or 0) * 100:.{digits}f}%"


@cache
def environment(language: Language) -> Environment:
    """Templates in one language; a name that a template uses and nobody gave is an error, not an empty place."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(texts.catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    bound: dict[str, Callable[..., Any]] = {
        name: partial(getattr(texts, name), language=language) for name in ("shown", "date", "date_time", "ago")
    }
    made.filters.update(bound, percent=percent, marked=highlight.marked)
    made.filters["words"] = lambda text: texts.in_language(text, language)[0]
    made.filters["code"] = lambda code, kind: texts.code_name(kind, code, language)
    made.globals.update(
        icon=icon,
        asset=address,
        language=language,
        language_tag=LANGUAGE_TAGS[language],
        choices=lambda kind: texts.choices(kind, language),
        in_language=lambda text: texts.in_language(text, language),
        words_of=highlight.words_of,
    )
    return made


def render(template: str, language: Language, **context: Any) -> str:
    """A whole page or a fragment."""
    return environment(language).get_template(template).render(**context)
