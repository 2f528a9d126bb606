"""What suggestions and their answers become for the two sides."""

from collections.abc import Iterable
from uuid import UUID

from common.events.project_matching import MatchAnswered, MatchSuggested
from common.text import Bilingual
from common.vocabulary import RecordKind, SuggestionState
from feeds.model.item import Item, ItemKind, Word, item_of
from feeds.model.wording import both, en, shortened, titled, zh

NAMED = 5
"""Organisations named in one item about several suggestions."""


def for_suggested(match: MatchSuggested) -> Item:
    """An organisation that may be able to meet a need learns which, and why it was thought of."""
    strongest = sorted(match.facets, key=lambda facet: facet.points, reverse=True)[:3]
    return item_of(
        match,
        match.organisation_id,
        ItemKind.match_suggested,
        title=titled("可能适合贵单位的需求：{}", "A need that may suit you: {}", match.need_title),
        summary=both(
            f"匹配度 {match.score:.0%}。" + "；".join(zh(facet.text) for facet in strongest),
            f"Score {match.score:.0%}. " + "; ".join(en(facet.text) for facet in strongest),
        ),
        subject=("suggestion", match.suggestion_id),
        record=match.need_record,
        score=match.score,
        words=tuple(Word(word.need, word.profile, word.points) for word in match.words),
        facets=match.facets,
    )


def for_posters(matches: Iterable[MatchSuggested]) -> list[Item]:
    """Whoever posted a need learns who may help: what was found together is told together, the best first."""
    by_need: dict[UUID, list[MatchSuggested]] = {}
    for match in matches:
        by_need.setdefault(match.need_id, []).append(match)
    return [_for_poster(found) for found in by_need.values()]


def _for_poster(found: list[MatchSuggested]) -> Item:
    first, many = found[0], len(found)
    best = sorted(found, key=lambda match: match.score, reverse=True)
    named = best[:NAMED]
    in_zh = "、".join(f"{zh(m.organisation_name)}（{_said(m, 'zh')}）" for m in named)
    in_en = ", ".join(f"{en(m.organisation_name)} ({_said(m, 'en')})" for m in named)
    more_zh, more_en = (f" 等 {many} 家", f" and {many - NAMED} more") if many > NAMED else ("", "")
    suggested = "1 organisation is" if many == 1 else f"{many} organisations are"
    return item_of(
        first,
        first.need_organisation_id,
        ItemKind.match_suggested,
        title=titled(f"为需求推荐了 {many} 家单位：{{}}", f"{suggested} suggested for: {{}}", first.need_title),
        summary=both(f"{in_zh}{more_zh}。", f"{in_en}{more_en}."),
        subject=("need", first.need_id),
        record=first.need_record,
        score=best[0].score,
        words=tuple(Word(word.need, word.profile, word.points) for word in first.words) if many == 1 else (),
        facets=first.facets if many == 1 else (),
    )


def _said(match: MatchSuggested, language: str) -> str:
    """The score, and that an entry is no member where it is none."""
    mark = match.organisation_record
    if mark is RecordKind.member:
        return f"{match.score:.0%}"
    return f"{match.score:.0%}，{mark.zh}" if language == "zh" else f"{match.score:.0%}, {mark.en}"


def for_other_side(answer: MatchAnswered) -> Item:
    """What one side answered is told to the other; two interested sides are a match (U16)."""
    if answer.by_need_side:
        who, subscriber = Bilingual(zh="需求方", en="The poster of the need"), answer.organisation_id
    else:
        who, subscriber = answer.organisation_name, answer.need_organisation_id
    name_zh, name_en = shortened(zh(who), 80), shortened(en(who), 80)
    if answer.state is SuggestionState.mutual:
        titles = "双方均有意向：{}", "Both sides are interested: {}"
        summary = f"{name_zh}也有意向，可以开始对接。", f"{name_en} is interested too: you can get in touch."
    elif answer.interested:
        titles = f"{name_zh}有意向：{{}}", f"{name_en} is interested: {{}}"
        summary = "请回复贵单位是否有意向。", "Please say whether you are interested."
    else:
        titles = f"{name_zh}已婉拒：{{}}", f"{name_en} declined: {{}}"
        reason = answer.reason
        summary = (
            (f"原因：{reason.zh}。", f"Reason: {reason.en}.") if reason else ("未说明原因。", "No reason was given.")
        )
    return item_of(
        answer,
        subscriber,
        ItemKind.match_answered,
        title=titled(*titles, answer.need_title),
        summary=both(*summary),
        subject=("suggestion", answer.suggestion_id),
        record=answer.need_record,
    )
