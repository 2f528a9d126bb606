"""Invitations to choose a password: shown once in an answer, made anew, accepted."""

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Response

from common.http import Api, Call, public
from common.repeats import Replay
from common.vocabulary import REPRESENTATIVES
from member_registry.api import replays
from member_registry.api.attempts import PER_ADDRESS, Attempts, address_of
from member_registry.api.permissions import ByRepresentatives, must_act_for
from member_registry.api.person_bodies import AcceptanceBody, hashed_password
from member_registry.api.person_views import InvitationView, Inviting, SessionView
from member_registry.api.sessions import signed_in_answer
from member_registry.commands import accounts as commands
from member_registry.commands.people import invite_again
from member_registry.commands.sessions import open_session

router = Api("member_registry")

V = TypeVar("V", bound=Inviting)


def shown(invitation: commands.Invitation | None) -> InvitationView | None:
    """The invitation with its code, for the one answer that shows it."""
    return InvitationView(code=invitation.code, expires_at=invitation.expires_at) if invitation else None


def sealed(call: Call, view: V) -> V:
    """The answer as it is kept."""
    return _with_code(view, lambda code: replays.sealed(call, code))


def again(call: Call, replay: Replay, kind: type[V]) -> Response:
    """A kept answer as it was given first."""
    kept = kind.model_validate_json(replay.answer.body)
    return replays.again(replay, _with_code(kept, lambda code: replays.opened(call, code)))


def _with_code(view: V, change: Callable[[str], str]) -> V:
    if view.invitation is None:
        return view
    changed = view.invitation.model_copy(update={"code": change(view.invitation.code)})
    return view.model_copy(update={"invitation": changed})


@router.post(
    "/organisations/{organisation_id}/people/{affiliation_id}/invitation",
    status_code=201,
    response_model=Inviting,
    tags=["people"],
)
async def invite(
    call: ByRepresentatives,
    organisation_id: UUID,
    affiliation_id: UUID,
) -> Response:
    """A new code for a person who has not chosen a password yet."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES)
    try:
        async with call.transaction(as_service=True) as tx:
            invitation = await invite_again(tx, organisation_id, affiliation_id, by_secretariat=call.caller.secretariat)
            view = Inviting(invitation=shown(invitation))
            return call.respond(view, tx=tx, status=201, kept=sealed(call, view))
    except Replay as replay:
        return again(call, replay, Inviting)


@router.post("/invitations/accept", status_code=201, response_model=SessionView, tags=["sign-in"])
async def accept(call: Annotated[Call, public(remember=False)], body: AcceptanceBody) -> Response:
    """Choose a password with the code of an invitation; signs in at once."""
    attempts = Attempts(call.service_database)
    await attempts.count(PER_ADDRESS, address_of(call))
    password_hash = await hashed_password(body.password, call.state.hashing)
    async with call.transaction(as_service=True) as tx:
        account = await commands.choose_password(tx, body.code.get_secret_value(), password_hash)
        opened = await open_session(tx, account.id)
    await attempts.take_back()
    return await signed_in_answer(call, account, opened, status=201)
