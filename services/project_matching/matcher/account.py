"""The engine's account of a pair, in the form in which it is kept and told."""

from common.events.project_matching import Facet
from common.text import Bilingual, BilingualText
from project_matching import engine
from project_matching.model.explanation import Explanation, Word

_LINE = 300


def account_of(need: engine.AnalysedNeed, profile: engine.AnalysedProfile) -> tuple[int, Explanation] | None:
    """The score in millionths and why; takes milliseconds, so it is called in a thread.

    None where the pair is no longer one to suggest: the organisation was suspended or says other things by now.
    """
    found = engine.explain(need, profile)
    if not found.suggested:
        return None
    return round(found.score * 1_000_000), Explanation(
        facets=tuple(
            Facet(code=f.code, value=f.value, weight=f.weight, points=f.points, text=_line(f.text))
            for f in found.facets
        ),
        words=tuple(
            Word(
                need=w.need,
                profile=w.profile,
                points=w.points,
                language=w.language,
                need_forms=w.need_forms,
                profile_forms=w.profile_forms,
            )
            for w in found.words
        ),
        item_title=_line(found.item.title) if found.item else None,
        would_change=_paragraph(found.would_change) if found.would_change else None,
        engine=found.engine,
        statistics=found.statistics,
    )


def _line(text: engine.Text) -> Bilingual:
    return Bilingual(zh=_short(text.zh), en=_short(text.en))


def _short(text: str | None) -> str | None:
    """Words quoted in a facet can be long ones; a line holds 300 characters."""
    return text if text is None or len(text) <= _LINE else text[: _LINE - 1] + "…"


def _paragraph(text: engine.Text) -> BilingualText:
    return BilingualText(zh=text.zh, en=text.en)
