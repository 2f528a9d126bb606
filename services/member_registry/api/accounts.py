"""Accounts: opened by the secretariat, given its rights, closed; and a password changed."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from common.errors import FieldError, InvalidInput, NotFound
from common.http import Api, Call, Reach, allow, person
from common.repeats import Replay
from common.text import Bilingual
from common.vocabulary import Role
from member_registry.api import invitations
from member_registry.api.attempts import sign_in_attempt
from member_registry.api.person_bodies import (
    AccountBody,
    PasswordChangeBody,
    SecretariatBody,
    hashed_password,
)
from member_registry.api.person_views import OpenedAccountView, SessionView, WholeAccountView
from member_registry.api.sessions import checked, signed_in_answer
from member_registry.commands import accounts as commands
from member_registry.commands.sessions import open_session
from member_registry.store import people as store

router = Api("member_registry")


@router.post("/accounts", status_code=201, response_model=OpenedAccountView, tags=["accounts"])
async def open_account(call: Annotated[Call, allow(Role.secretariat)], body: AccountBody) -> Response:
    """Open an account that belongs to no organisation, with the secretariat's rights or without."""
    person = await body.person(call.state.hashing)
    try:
        async with call.transaction() as tx:
            account = await commands.open_named_account(tx, person, secretariat=body.secretariat)
            invitation = None if person.password_hash else await commands.invite_to_choose_password(tx, account.id)
            view = OpenedAccountView(
                **WholeAccountView.of(account).model_dump(), invitation=invitations.shown(invitation)
            )
            return call.respond(view, tx=tx, status=201, version=account.version, kept=invitations.sealed(call, view))
    except Replay as replay:
        return invitations.again(call, replay, OpenedAccountView)


@router.post("/accounts/{account_id}/secretariat", response_model=WholeAccountView, tags=["accounts"])
async def set_secretariat(
    call: Annotated[Call, allow(Role.secretariat, reach=Reach.alliance)], account_id: UUID, body: SecretariatBody
) -> Response:
    """Give or take the secretariat's rights; nobody takes them from themselves."""
    _not_oneself(call, account_id)
    async with call.transaction() as tx:
        account = await commands.set_secretariat(tx, account_id, body.secretariat)
        return call.respond(WholeAccountView.of(account), tx=tx, version=account.version)


@router.post("/accounts/{account_id}/close", response_model=WholeAccountView, tags=["accounts"])
async def close_account(
    call: Annotated[Call, allow(Role.secretariat, reach=Reach.alliance)], account_id: UUID
) -> Response:
    """Close an account: nobody signs in with it, and its tokens are worth nothing any more."""
    _not_oneself(call, account_id)
    async with call.transaction() as tx:
        account = await commands.close_account(tx, account_id)
        return call.respond(WholeAccountView.of(account), tx=tx, version=account.version)


@router.post("/me/password", status_code=201, response_model=SessionView, tags=["sign-in"])
async def change_password(call: Annotated[Call, person(remember=False)], body: PasswordChangeBody) -> Response:
    """A new password; everywhere else the account is signed out, here it gets new tokens."""
    account = await store.account(call.database, call.caller.id)
    if account is None:
        raise NotFound
    attempts = await sign_in_attempt(call, account.email)
    fits, _ = await checked(call, attempts, account.password_hash, body.current.get_secret_value())
    if not fits:
        wrong = Bilingual(zh="当前密码不正确", en="is not the present password")
        raise InvalidInput(errors=(FieldError("current", "password_wrong", wrong),))
    password_hash = await hashed_password(body.new, call.state.hashing, email=account.email, field="new")
    async with call.transaction() as tx:
        changed = await commands.change_password(tx, account.id, password_hash)
        opened = await open_session(tx, account.id)
    return await signed_in_answer(call, changed, opened, status=201)


def _not_oneself(call: Call, account_id: UUID) -> None:
    if account_id == call.caller.id:
        raise commands.NotOneself
