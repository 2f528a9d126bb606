"""People of an organisation: who holds which office, new ones, and the end of an office."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from common.http import Api, Cursor, Page, page_of
from common.repeats import Replay
from common.vocabulary import EDITORS, REPRESENTATIVES
from member_registry.api import invitations
from member_registry.api.lists import id_after
from member_registry.api.permissions import ByEditors, ByRepresentatives, must_act_for
from member_registry.api.person_bodies import AppointmentBody
from member_registry.api.person_views import AppointedView, EndedView, PersonView
from member_registry.commands import people as commands
from member_registry.store import people as store
from member_registry.store.conflicts import explained
from member_registry.store.organisations import organisation

router = Api("member_registry")


@router.get("/organisations/{organisation_id}/people", response_model=Page[PersonView], tags=["people"])
async def people(
    call: ByEditors,
    organisation_id: UUID,
    cursor: Annotated[Cursor, Depends()],
    former: Annotated[bool, Query(description="also those whose office has ended")] = False,
) -> Response:
    """Who holds an office for an organisation; for its representatives and editors."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES, *EDITORS)
    await organisation(call.database, organisation_id)
    found = await store.people(
        call.database,
        organisation_id,
        call.database.clock(),
        former=former,
        after=id_after(cursor),
        limit=cursor.limit + 1,
    )
    return call.respond(page_of(found, cursor, PersonView.of, lambda one: [str(one.affiliation.id)]))


@router.post("/organisations/{organisation_id}/people", status_code=201, response_model=AppointedView, tags=["people"])
async def appoint(
    call: ByRepresentatives,
    organisation_id: UUID,
    body: AppointmentBody,
) -> Response:
    """Give a person an office; without a password the answer holds an invitation to choose one."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES)
    person = await body.person(call.state.hashing)
    try:
        with explained():
            async with call.transaction(as_service=True) as tx:
                found = await commands.appoint(tx, organisation_id, person, body.office)
                view = AppointedView(
                    **PersonView.of(found.person).model_dump(),
                    invitation=invitations.shown(found.invitation),
                    new_account=found.new_account,
                )
                return call.respond(view, tx=tx, status=201, kept=invitations.sealed(call, view))
    except Replay as replay:
        return invitations.again(call, replay, AppointedView)


@router.post("/organisations/{organisation_id}/people/{affiliation_id}/end", response_model=EndedView, tags=["people"])
async def end_office(
    call: ByRepresentatives,
    organisation_id: UUID,
    affiliation_id: UUID,
) -> Response:
    """End an office now; the person's access as its holder closes everywhere."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES)
    async with call.transaction() as tx:
        ended = await commands.end_office(tx, organisation_id, affiliation_id, by_secretariat=call.caller.secretariat)
        return call.respond(EndedView.of(ended), tx=tx)
