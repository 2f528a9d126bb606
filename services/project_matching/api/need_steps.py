"""The steps of a need's life: submit, publish, return, withdraw. If-Match is honoured where it is sent."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from common.http import Api, Call, Reach, allow
from common.vocabulary import Role
from project_matching.api.bodies import ReturnBody, WithdrawBody
from project_matching.api.needs import Writer, fresh_view
from project_matching.api.views import NeedView
from project_matching.commands.needs import publish_need, return_need, submit_need, withdraw_need
from project_matching.commands.rights import POSTERS

router = Api("project_matching")
Secretariat = Annotated[Call, allow(Role.secretariat, reach=Reach.alliance)]


@router.post("/needs/{need_id}/submit", response_model=NeedView)
async def submit(call: Writer, need_id: UUID) -> Response:
    """To the secretariat. 422 names each field that is missing."""
    async with call.transaction() as tx:
        need = await submit_need(tx, need_id, caller=call.caller, version=_seen_version(call))
        return call.respond(fresh_view(need, call.caller), tx=tx, version=need.version)


@router.post("/needs/{need_id}/publish", response_model=NeedView)
async def publish(call: Secretariat, need_id: UUID) -> Response:
    """Everybody may find it from now on, as far as it is disclosed; matching starts."""
    async with call.transaction() as tx:
        need = await publish_need(tx, need_id, caller=call.caller, version=_seen_version(call))
        return call.respond(fresh_view(need, call.caller), tx=tx, version=need.version)


@router.post("/needs/{need_id}/return", response_model=NeedView)
async def return_to_author(call: Secretariat, need_id: UUID, body: ReturnBody) -> Response:
    """Back to its author as a draft, with what is missing."""
    async with call.transaction() as tx:
        need = await return_need(tx, need_id, body.reason, caller=call.caller, version=_seen_version(call))
        return call.respond(fresh_view(need, call.caller), tx=tx, version=need.version)


@router.post("/needs/{need_id}/withdraw", response_model=NeedView)
async def withdraw(
    call: Annotated[Call, allow(Role.secretariat, *POSTERS, reach=Reach.alliance)], need_id: UUID, body: WithdrawBody
) -> Response:
    """Taken back for good, from whatever state it is in before a project has begun."""
    reason = None if body.reason.empty else body.reason
    async with call.transaction() as tx:
        need = await withdraw_need(tx, need_id, reason, caller=call.caller, version=_seen_version(call))
        return call.respond(fresh_view(need, call.caller), tx=tx, version=need.version)


def _seen_version(call: Call) -> int | None:
    """The version the caller has seen, if they say so: a step taken on another one is then refused with 412."""
    return call.expected_version() if "if-match" in call.request.headers else None
