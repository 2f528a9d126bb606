"""Signing in and out, the language, and on whose behalf a person acts."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from common.telemetry import log
from portal import texts
from portal.clients import Refused
from portal.entering import enter
from portal.forms import OpenForm, SignedForm
from portal.security import local_path
from portal.visit import LANGUAGE_COOKIE, YEAR, Visit, Visitor

router = APIRouter()

Next = Annotated[str, Query(alias="next")]
"""Where to go on to."""


@router.get("/sign-in")
async def sign_in_page(visit: Visitor, target: Next = "/", expired: str = "") -> Response:
    """The door. Whoever is signed in already goes straight on."""
    if visit.signed_in:
        return visit.redirect(target)
    return visit.page("sign_in.html", next=local_path(target), email="", refusal=None, expired=expired)


@router.post("/sign-in")
async def sign_in(form: OpenForm) -> Response:
    """Begins a new session under a new cookie, so that a cookie known before means nothing afterwards."""
    visit = form.visit
    body = {"email": form.one("email"), "password": str(form.data.get("password") or "")}
    try:
        answer = await visit.call_as_nobody("member_registry", "POST", "/sessions", body=body)
    except Refused as refusal:
        words = visit._("E-mail address or password is not right. Passwords distinguish upper and lower case.")
        if refusal.status == 429:
            words = visit._("Too many attempts. Please wait a minute and try again.")
        status = 429 if refusal.status == 429 else 401
        return visit.page("sign_in.html", status, next=form.back, email=form.one("email"), refusal=words, expired="")
    response = await enter(visit, answer.body, form.back)
    own = texts.known((answer.body.get("account") or {}).get("language"))
    if own and LANGUAGE_COOKIE not in visit.request.cookies:
        _remember_language(visit, response, own)
    return response


@router.post("/sign-out")
async def sign_out(form: OpenForm) -> Response:
    """Ends the session here and at member_registry; works even when that is not reachable."""
    visit = form.visit
    if visit.cookie:
        await visit.console.store.forget(visit.cookie)
    if visit.signed_in:
        try:
            await visit.console.upstreams.call("member_registry", "DELETE", "/sessions/current", visit.caller())
        except Exception as error:
            log.info("remote_sign_out_failed", error=type(error).__name__)
    response = visit.redirect("/sign-in", done="signed-out")
    response.delete_cookie(visit.console.cookie, path="/", secure=visit.console.secure, httponly=True, samesite="lax")
    return response


@router.get("/language/{code}")
async def choose_language(visit: Visitor, code: str, target: Next = "/") -> Response:
    """The same page in the other language; kept for a year."""
    response = visit.redirect(target)
    if language := texts.known(code):
        _remember_language(visit, response, language)
    return response


def _remember_language(visit: Visit, response: Response, language: str) -> None:
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=YEAR, path="/", httponly=True, samesite="lax", secure=visit.console.secure
    )


@router.post("/acting-for")
async def act_for(form: SignedForm) -> Response:
    """Chooses one of the person's own organisations."""
    visit = form.visit
    mine = {str(one["id"]) for one in visit.account.get("organisations") or []}
    if visit.session and form.one("organisation") in mine:
        await visit.console.store.act_for(visit.session.cookie, form.one("organisation"))
    return visit.redirect("/")
