"""Signing in, staying signed in, signing out; who am I; tokens for machines."""

from typing import Annotated

from fastapi import Response
from pydantic import ConfigDict, Field, SecretStr

from common.auth.tokens import LIFETIME, refused
from common.errors import NotSignedIn, TooManyRequests
from common.http import Api, Body, Call, public, signed_in
from common.text import Bilingual
from common.vocabulary import Role
from member_registry.api.attempts import Attempts, sign_in_attempt
from member_registry.api.fields import Email, Password
from member_registry.api.person_views import AccountView, MeView, SessionView, StandingView
from member_registry.api.replays import seal_of
from member_registry.commands import sessions as commands
from member_registry.model.passwords import normal
from member_registry.model.people import Account
from member_registry.store import organisations, people

router = Api("member_registry")


class SignInBody(Body):
    """E-mail address and password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "representative@hospital.example", "password": "four unrelated words"}]
        }
    )

    email: Email
    password: Password


class RefreshBody(Body):
    """The refresh token of the last answer; it is good once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"refresh_token": "ar_AZofK..."}]})

    refresh_token: Annotated[SecretStr, Field(max_length=200)]


@router.post("/sessions", status_code=201, response_model=SessionView, tags=["sign-in"])
async def sign_in(call: Annotated[Call, public(remember=False)], body: SignInBody) -> Response:
    """Begin a session. A wrong password and an unknown address are answered alike, and equally fast."""
    account = await _recognised(call, body.email, body.password.get_secret_value())
    async with call.transaction(as_service=True) as tx:
        opened = await commands.open_session(tx, account.id)
    return await signed_in_answer(call, account, opened, status=201)


@router.post("/sessions/refresh", response_model=SessionView, tags=["sign-in"])
async def refresh(call: Annotated[Call, public(remember=False)], body: RefreshBody) -> Response:
    """Fresh tokens. The refresh token is exchanged too; one that is sent again ends the session."""
    known = commands.read_refresh_token(seal_of(call), body.refresh_token.get_secret_value())
    if known is None:
        raise refused()
    async with call.transaction(as_service=True) as tx:
        opened = await commands.refresh_session(tx, *known)
    account = opened and await people.account(call.service_database, opened.account_id)
    if not opened or not account:
        raise refused("token_revoked")
    return await signed_in_answer(call, account, opened)


@router.delete("/sessions/current", status_code=204, tags=["sign-in"])
async def sign_out(call: Annotated[Call, signed_in()]) -> Response:
    """End the session this token belongs to, everywhere."""
    async with call.transaction() as tx:
        await commands.end_session(tx, call.caller.session_id)
    return call.respond(None, status=204)


@router.get("/me", response_model=MeView, tags=["sign-in"])
async def me(call: Annotated[Call, signed_in()]) -> Response:
    """The caller's account and organisations; for a machine the organisation of its key."""
    account = await people.account(call.database, call.caller.id)
    if account is None:
        return call.respond(MeView(account=None, secretariat=False, organisations=await _of_machine(call)))
    standings = await people.standings(call.database, account.id, call.database.clock())
    return call.respond(
        MeView(
            account=AccountView.of(account),
            secretariat=account.secretariat,
            organisations=[StandingView.of(found) for found in standings],
        )
    )


async def signed_in_answer(call: Call, account: Account, opened: commands.Opened, *, status: int = 200) -> Response:
    """The tokens of a session, and who has signed in."""
    now = call.database.clock()
    standings = await people.standings(call.service_database, account.id, now)
    view = SessionView(
        access_token=call.state.signer.token(account.id, session_id=opened.session_id, machine=False, now=now),
        refresh_token=commands.refresh_token(seal_of(call), opened.session_id, opened.generation),
        expires_in=LIFETIME,
        account=AccountView.of(account),
        secretariat=account.secretariat,
        organisations=[StandingView.of(found) for found in standings],
    )
    response = call.respond(view, status=status)
    response.headers["cache-control"] = "no-store"
    return response


async def _recognised(call: Call, email: str, password: str) -> Account:
    """The account these credentials open; every refusal takes as long and says the same."""
    attempts = await sign_in_attempt(call, email)
    account = await people.account_by_email(call.service_database, email)
    usable = account.password_hash if account and account.open else None
    fits, stronger = await checked(call, attempts, usable, password)
    if not fits or account is None:
        raise NotSignedIn(
            Bilingual(zh="邮箱或密码不正确。", en="The e-mail address or the password is not right."),
            code="sign_in_failed",
        )
    if stronger:
        await people.keep_stronger_hash(call.service_database, account, stronger)
    return account


async def checked(call: Call, attempts: Attempts, known: str | None, password: str) -> tuple[bool, str | None]:
    """As `Hashing.check`; whoever was right, or could not be heard at all, has not used up an attempt."""
    try:
        fits, stronger = await call.state.hashing.check(known, normal(password))
    except TooManyRequests:
        await attempts.take_back()
        raise
    if fits:
        await attempts.succeeded()
    return fits, stronger


async def _of_machine(call: Call) -> list[StandingView]:
    found = [await organisations.organisation(call.database, each) for each in call.caller.organisation_ids()]
    return [StandingView(id=one.id, name=one.name, kind=one.kind, role=Role.service, state=one.state) for one in found]
