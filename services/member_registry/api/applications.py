"""Applications: handed in by anybody, decided by the secretariat."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Response

from common.http import Api, Call, Cursor, Page, Reach, allow, page_of, public
from common.text import Bilingual
from common.vocabulary import MemberState, Role
from member_registry.api.attempts import APPLICATIONS, Attempts, address_of
from member_registry.api.lists import id_after
from member_registry.api.organisation_bodies import ReasonBody
from member_registry.api.organisation_views import ApplicationLine, ApplicationView, OrganisationView, warnings_about
from member_registry.api.person_bodies import ApplicationBody
from member_registry.commands import applications as commands
from member_registry.model.organisation import Organisation
from member_registry.store import organisations as store
from member_registry.store.applicants import applicants
from member_registry.store.conflicts import explained

router = Api("member_registry")


@router.post("/applications", status_code=201, response_model=ApplicationView, tags=["applications"])
async def apply(call: Annotated[Call, public()], body: ApplicationBody) -> Response:
    """Ask to become a member. The representative's account is opened when the secretariat approves."""
    await Attempts(call.service_database).count(APPLICATIONS, address_of(call))
    representative = await body.representative.person(call.state.hashing, field="representative.password")
    async with call.transaction(as_service=True) as tx:
        found = await commands.apply(tx, body.organisation.registration(), representative)
        return call.respond(_view(found), tx=tx, status=201, location=f"{router.prefix}/applications/{found.id}")


@router.get("/applications", response_model=Page[ApplicationLine], tags=["applications"])
async def applications(
    call: Annotated[Call, allow(Role.secretariat)],
    cursor: Annotated[Cursor, Depends()],
    state: Annotated[Literal["applied", "returned"] | None, Query()] = None,
) -> Response:
    """What waits for the secretariat, oldest first."""
    after = id_after(cursor)
    found = await store.applications(call.database, state, after, cursor.limit + 1)
    people = await applicants(call.database, [one.id for one in found])
    return call.respond(
        page_of(
            found,
            cursor,
            lambda one: ApplicationLine.of(one, people.get(one.id), call.caller),
            lambda one: [str(one.id)],
        )
    )


@router.get("/applications/{application_id}", response_model=ApplicationView, tags=["applications"])
async def application(call: Annotated[Call, public(reach=Reach.everybody)], application_id: UUID) -> Response:
    """Where an application stands, for whoever was given its id; what became of a member later is not told here."""
    found = await store.organisation(call.service_database, application_id)
    if found.admitted_at is not None:
        return call.respond(ApplicationView(id=found.id, state=MemberState.approved))
    return call.respond(_view(found))


@router.post("/applications/{application_id}/approve", response_model=OrganisationView, tags=["applications"])
async def approve(
    call: Annotated[Call, allow(Role.secretariat, reach=Reach.alliance)], application_id: UUID
) -> Response:
    """Make the applicant a member, and the person who applied its representative."""
    with explained():
        async with call.transaction() as tx:
            found = await commands.approve(tx, application_id)
            return call.respond(OrganisationView.of(found, call.caller), tx=tx, version=found.version)


@router.post("/applications/{application_id}/return", response_model=ApplicationView, tags=["applications"])
async def return_application(
    call: Annotated[Call, allow(Role.secretariat, reach=Reach.alliance)], application_id: UUID, body: ReasonBody
) -> Response:
    """Send an application back with the reason."""
    async with call.transaction() as tx:
        reason = Bilingual(zh=body.reason.zh, en=body.reason.en)
        found = await commands.return_application(tx, application_id, reason)
        return call.respond(_view(found), tx=tx, version=found.version)


def _view(found: Organisation) -> ApplicationView:
    return ApplicationView(
        id=found.id,
        state=found.state,
        reason=None if found.reason.empty else found.reason,
        warnings=warnings_about(found),
    )
