"""One's own account: who one is here, for whom one acts, and the password."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Correctable, Refused
from portal.entering import enter
from portal.forms import Form, OpenForm, SignedForm, labelled
from portal.visit import SignedIn, Visit, Visitor

router = APIRouter()

SERVICE = "member_registry"


@router.get("/account")
async def account(visit: SignedIn) -> Response:
    """As the registry has it now, offices given or ended since the sign-in included."""
    return await _page(visit)


@router.post("/account/password")
async def change_password(form: SignedForm) -> Response:
    """A new password signs the account out everywhere else; this browser goes on under a new cookie."""
    visit = form.visit
    if _secret(form, "new") != _secret(form, "again"):
        words = visit._("is not the same as the new password")
        return await _page(visit, Refused(SERVICE, 422, {"errors": [{"field": "again", "message": words}]}))
    body = {"current": _secret(form, "current"), "new": _secret(form, "new")}
    try:
        answer = await visit.call(SERVICE, "POST", "/me/password", body=body)
    except Correctable as refusal:
        return await _page(visit, refusal)
    return await enter(visit, answer.body, "/account?done=password")


async def _page(visit: Visit, refusal: Refused | None = None) -> Response:
    labels = {
        "current": visit._("Present password"),
        "new": visit._("New password"),
        "again": visit._("New password once more"),
    }
    me = await visit.get(SERVICE, "/me")
    status = refusal.status if refusal else 200
    return visit.page("account.html", status, me=me, errors=labelled(refusal, labels), refusal=refusal)


@router.get("/invitation")
async def invitation(visit: Visitor, code: str = "") -> Response:
    """Where an invitation's link leads; the code may also be typed."""
    return _invitation(visit, {"code": code[:100]})


@router.post("/invitation")
async def accept(form: OpenForm) -> Response:
    """Chooses the password and signs in at once."""
    visit = form.visit
    body = {"code": form.one("code"), "password": _secret(form, "password")}
    try:
        answer = await visit.call_as_nobody(SERVICE, "POST", "/invitations/accept", body=body)
    except Correctable as refusal:
        return _invitation(visit, {"code": form.one("code")}, refusal)
    return await enter(visit, answer.body, "/?done=welcome")


def _invitation(visit: Visit, fields: dict[str, Any], refusal: Refused | None = None) -> Response:
    labels = {"code": visit._("Code of the invitation"), "password": visit._("Password")}
    status = refusal.status if refusal else 200
    errors = labelled(refusal, labels)
    return visit.page("invitation.html", status, fields=fields, errors=errors, refusal=refusal)


def _secret(form: Form, name: str) -> str:
    """A password as it was typed, spaces and all."""
    return str(form.data.get(name) or "")
