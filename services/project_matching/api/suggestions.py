"""Suggestions: of a need, of an organisation, one with its reasons, and the answer to it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from common.errors import NotFound
from common.http import Api, Call, Cursor, Page, Reach, allow, page_of, signed_in
from common.http.pages import whole
from project_matching.api.needs import readable_need
from project_matching.api.suggestion_views import AnswerBody, SuggestionView, suggestion_view
from project_matching.commands.rights import viewer_of
from project_matching.commands.suggestions import ANSWERERS, answer_suggestion, may_see
from project_matching.model.disclosure import is_owner
from project_matching.model.suggestion import Answer, Suggestion, check_answer
from project_matching.store.suggestions import suggestion_with_id, suggestions_of, suggestions_of_need

router = Api("project_matching")


@router.get("/needs/{need_id}/suggestions", response_model=Page[SuggestionView])
async def list_of_need(
    call: Annotated[Call, signed_in(reach=Reach.own)], need_id: UUID, cursor: Annotated[Cursor, Depends()]
) -> Response:
    """Best first: all of them for the poster and the secretariat, for others only their own organisations'."""
    seen = await readable_need(call.database, call.caller, need_id)
    everybody = call.caller.secretariat or is_owner(seen.need, viewer_of(call.caller))
    found = await suggestions_of_need(
        call.database,
        need_id,
        None if everybody else call.caller.organisation_ids(),
        after=cursor.position(whole, UUID),
        limit=cursor.limit + 1,
    )
    return call.respond(page_of(found, cursor, suggestion_view, _position))


@router.get("/suggestions", response_model=Page[SuggestionView])
async def list_own(
    call: Annotated[Call, signed_in()],
    cursor: Annotated[Cursor, Depends()],
    waiting: Annotated[bool, Query(description="only those the caller's side has still to answer")] = False,
) -> Response:
    """Those in which the caller's organisations are on either side, best first."""
    chosen = [o for o in call.caller.organisation_ids() if call.caller.acting_id in (None, o)]
    found = await suggestions_of(
        call.database,
        chosen,
        waiting=waiting,
        after=cursor.position(whole, UUID),
        limit=cursor.limit + 1,
    )
    return call.respond(page_of(found, cursor, suggestion_view, _position))


@router.get("/suggestions/{suggestion_id}", response_model=SuggestionView)
async def get_one(call: Annotated[Call, signed_in(reach=Reach.alliance)], suggestion_id: UUID) -> Response:
    """One suggestion, for both its sides and the secretariat."""
    found = await suggestion_with_id(call.database, suggestion_id)
    if found is None or not may_see(found, call.caller):
        raise NotFound
    return call.respond(suggestion_view(found), version=found.version)


@router.post("/suggestions/{suggestion_id}/answer", response_model=SuggestionView)
async def answer(
    call: Annotated[Call, allow(*ANSWERERS, reach=Reach.own)], suggestion_id: UUID, body: AnswerBody
) -> Response:
    """Interested or declined, once for each side; interest of both makes it a match."""
    interested = body.answer == "interested"
    check_answer(interested=interested, reason=body.reason, text=body.text)
    async with call.transaction() as tx:
        given = Answer(interested=interested, at=tx.now, reason=body.reason, text=body.text)
        changed = await answer_suggestion(tx, suggestion_id, given, caller=call.caller)
        return call.respond(suggestion_view(changed), tx=tx, version=changed.version)


def _position(suggestion: Suggestion) -> list[object]:
    return [suggestion.score_millionths, suggestion.id]
