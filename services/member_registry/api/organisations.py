"""Organisations: the directory, a profile, and what the secretariat decides about a membership."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from common.errors import NotFound
from common.http import Api, Call, Cursor, Page, Reach, allow, page_of, signed_in
from common.http.pages import line, whole
from common.text import Bilingual
from common.vocabulary import EDITORS, REPRESENTATIVES, MemberKind, MemberState, RecordKind, Role, Specialty
from member_registry.api.fields import Country, Region, SearchText
from member_registry.api.organisation_bodies import ProfileBody, RegistrationBody, StateBody
from member_registry.api.organisation_views import OrganisationLine, OrganisationView
from member_registry.api.permissions import ByEditors, must_act_for
from member_registry.commands import organisations as commands
from member_registry.store import organisations as store
from member_registry.store.conflicts import explained
from member_registry.store.directory import Filter, listed

router = Api("member_registry")


def asked(
    q: Annotated[SearchText | None, Query(description="words of names, capabilities and items")] = None,
    kind: Annotated[MemberKind | None, Query()] = None,
    specialty: Annotated[Specialty | None, Query()] = None,
    record: Annotated[RecordKind | None, Query()] = None,
    state: Annotated[MemberState | None, Query()] = None,
    country: Annotated[Country | None, Query()] = None,
    region: Annotated[Region | None, Query()] = None,
) -> Filter:
    """The filters of the directory as query parameters."""
    return Filter(
        q=q,
        kind=kind,
        record=record,
        state=state,
        specialty=specialty,
        country=country,
        region=region,
    )


@router.get("/organisations", response_model=Page[OrganisationLine], tags=["organisations"])
async def organisations(
    call: Annotated[Call, signed_in()], wanted: Annotated[Filter, Depends(asked)], cursor: Annotated[Cursor, Depends()]
) -> Response:
    """The directory by name, members first; with `q` the best hits first. Shows acting memberships and one's own."""
    own = None if call.caller.secretariat else call.caller.organisation_ids()
    after = cursor.position(whole if wanted.words else line, UUID)
    found = await listed(call.database, replace(wanted, own=own), after, cursor.limit)
    return call.respond(page_of(found, cursor, OrganisationLine.of, lambda one: one.position))


@router.post("/organisations", status_code=201, response_model=OrganisationView, tags=["organisations"])
async def register(call: Annotated[Call, allow(Role.secretariat)], body: RegistrationBody) -> Response:
    """Enter a member, a public record (with its provenance) or a fictional organisation for the demo."""
    with explained():
        async with call.transaction() as tx:
            found = await commands.register_organisation(tx, body.registration())
            return call.respond(
                OrganisationView.of(found, call.caller),
                tx=tx,
                status=201,
                version=found.version,
                location=f"{router.prefix}/organisations/{found.id}",
            )


@router.get("/organisations/{organisation_id}", response_model=OrganisationView, tags=["organisations"])
async def organisation(call: Annotated[Call, signed_in(reach=Reach.everybody)], organisation_id: UUID) -> Response:
    """One organisation with its whole profile; the ETag is what a change needs."""
    found = await store.organisation(call.database, organisation_id)
    shown = found.admitted_at is not None and found.state.may_act
    if not shown and not call.caller.secretariat and not call.caller.may_act_for(found.id):
        raise NotFound
    return call.respond(OrganisationView.of(found, call.caller), version=found.version)


@router.put("/organisations/{organisation_id}/profile", response_model=OrganisationView, tags=["organisations"])
async def change_profile(
    call: ByEditors,
    organisation_id: UUID,
    body: ProfileBody,
) -> Response:
    """Replace what an organisation says of itself."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES, *EDITORS)
    version = call.expected_version()
    async with call.transaction() as tx:
        found = await commands.change_profile(tx, organisation_id, body.profile(), version=version)
        return call.respond(OrganisationView.of(found, call.caller), tx=tx, version=found.version)


@router.post("/organisations/{organisation_id}/state", response_model=OrganisationView, tags=["organisations"])
async def change_state(
    call: Annotated[Call, allow(Role.secretariat, reach=Reach.alliance)], organisation_id: UUID, body: StateBody
) -> Response:
    """Suspend, resume or end a membership: access follows everywhere within a second."""
    with explained():
        async with call.transaction() as tx:
            reason = Bilingual(zh=body.reason.zh, en=body.reason.en)
            found = await commands.change_membership(tx, organisation_id, body.state, reason)
            return call.respond(OrganisationView.of(found, call.caller), tx=tx, version=found.version)
