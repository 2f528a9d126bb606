"""People of an organisation: who holds which office, new ones, and the end of an office."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from common.http import Api, Call, Cursor, Page, allow, page_of
from common.repeats import Replay
from common.vocabulary import Role
from member_registry.api import replays
from member_registry.api.permissions import EDITORS, REPRESENTATIVES, must_act_for
from member_registry.api.person_bodies import AppointmentBody
from member_registry.api.person_views import AppointedView, EndedView, InvitationView, PersonView
from member_registry.commands import people as commands
from member_registry.commands.accounts import Invitation
from member_registry.store import people as store
from member_registry.store.conflicts import explained

router = Api("member_registry")


@router.get("/organisations/{organisation_id}/people", response_model=Page[PersonView], tags=["people"])
async def people(
    call: Annotated[Call, allow(Role.secretariat, *REPRESENTATIVES, *EDITORS)],
    organisation_id: UUID,
    cursor: Annotated[Cursor, Depends()],
    former: Annotated[bool, Query(description="also those whose office has ended")] = False,
) -> Response:
    """Who holds an office for an organisation; for its representatives and editors."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES, *EDITORS)
    found = await store.people(
        call.database,
        organisation_id,
        call.database.clock(),
        former=former,
        after=UUID(cursor.after[0]) if cursor.after else None,
        limit=cursor.limit + 1,
    )
    return call.respond(page_of(found, cursor, PersonView.of, lambda one: [str(one.affiliation.id)]))


@router.post("/organisations/{organisation_id}/people", status_code=201, response_model=AppointedView, tags=["people"])
async def appoint(
    call: Annotated[Call, allow(Role.secretariat, *REPRESENTATIVES)], organisation_id: UUID, body: AppointmentBody
) -> Response:
    """Give a person an office; without a password the answer holds an invitation to choose one."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES)
    person = await body.person(call.state.hashing)
    try:
        with explained():
            async with call.transaction() as tx:
                found = await commands.appoint(tx, organisation_id, person, body.office)
                view = AppointedView(**PersonView.of(found.person).model_dump(), invitation=_shown(found.invitation))
                return call.respond(view, tx=tx, status=201, kept=_with_code(view, call, replays.sealed))
    except Replay as replay:
        kept = AppointedView.model_validate_json(replay.answer.body)
        return replays.again(replay, _with_code(kept, call, replays.opened))


@router.post("/organisations/{organisation_id}/people/{affiliation_id}/end", response_model=EndedView, tags=["people"])
async def end_office(
    call: Annotated[Call, allow(Role.secretariat, *REPRESENTATIVES)], organisation_id: UUID, affiliation_id: UUID
) -> Response:
    """End an office now; the person's access as its holder closes everywhere."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES)
    async with call.transaction() as tx:
        ended = await commands.end_office(tx, organisation_id, affiliation_id, by_secretariat=call.caller.secretariat)
        return call.respond(EndedView.of(ended), tx=tx)


def _shown(invitation: Invitation | None) -> InvitationView | None:
    return InvitationView(code=invitation.code, expires_at=invitation.expires_at) if invitation else None


def _with_code(view: AppointedView, call: Call, change: Callable[[Call, str], str]) -> AppointedView:
    if view.invitation is None:
        return view
    changed = view.invitation.model_copy(update={"code": change(call, view.invitation.code)})
    return view.model_copy(update={"invitation": changed})
