"""Answer a suggestion: interested or declined, by one side; both interested makes a match."""

from uuid import UUID

from common.auth import Caller
from common.database import Transaction
from common.errors import NotAllowed, NotFound
from common.text import Bilingual
from common.vocabulary import NeedState, Role, SuggestionState
from project_matching.commands.rights import POSTERS
from project_matching.model import facts
from project_matching.model.suggestion import Answer, Side, Suggestion
from project_matching.store.needs import need_for_change, update_need
from project_matching.store.suggestions import save_answers, suggestion_for_change

ANSWERERS = (*POSTERS, Role.enterprise_representative, Role.enterprise_editor)


async def answer_suggestion(tx: Transaction, suggestion_id: UUID, answer: Answer, *, caller: Caller) -> Suggestion:
    """Conflict if this side has answered already or nothing can come of it any more."""
    before = await suggestion_for_change(tx, suggestion_id)
    if before is None or not may_see(before, caller):
        raise NotFound
    side = _side_of(before, caller)
    after = before.answered(side, answer)
    save_answers(tx, after)
    tx.publish(after.answer_event(side))
    if after.state is SuggestionState.mutual and after.need.state is NeedState.published:
        await _match_need(tx, after.need.id)
    return after


def may_see(suggestion: Suggestion, caller: Caller) -> bool:
    """Both sides, in whatever office, and the secretariat."""
    sides = {suggestion.need.organisation_id, suggestion.organisation.id}
    return caller.secretariat or not sides.isdisjoint(caller.organisation_ids())


async def _match_need(tx: Transaction, need_id: UUID) -> None:
    need = await need_for_change(tx, need_id)
    assert need is not None
    matched = need.matched(tx.now)
    update_need(tx, matched)
    tx.publish(facts.changed(matched, tx.now))


def _side_of(suggestion: Suggestion, caller: Caller) -> Side:
    """For whom the caller answers; Alliance-Organisation chooses for somebody who acts for both."""
    candidates = {Side.need_side: suggestion.need.organisation_id, Side.organisation_side: suggestion.organisation.id}
    sides = [
        side
        for side, organisation_id in candidates.items()
        if caller.may_act_for(organisation_id, *ANSWERERS) and caller.acting_id in (None, organisation_id)
    ]
    if not sides:
        raise NotAllowed(
            Bilingual(
                zh="只有双方单位的代表、编辑或临床医生可以答复。",
                en="Only a representative, editor or clinician of one of the two sides may answer.",
            )
        )
    if len(sides) > 1:
        raise NotAllowed(
            Bilingual(
                zh="您同时代表双方，请用 Alliance-Organisation 指明一方。",
                en="You act for both sides: name one in the header Alliance-Organisation.",
            ),
            code="organisation_not_chosen",
        )
    return sides[0]
