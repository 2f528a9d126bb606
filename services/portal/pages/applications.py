"""Asking to join, and the secretariat's desk where such requests are approved or returned."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from common.text import LANGUAGES
from portal.clients import Correctable, Json, Refused
from portal.forms import Form, OpenForm, SignedForm, labelled
from portal.visit import Secretariat, Visit, Visitor

router = APIRouter()

SERVICE = "member_registry"
ORGANISATION = ("kind", "uscc", "ror", "region", "country", "website")


@router.get("/join")
async def join_page(visit: Visitor) -> Response:
    """The application form; no account is needed."""
    return _page(visit, {"organisation.country": "CN"})


@router.post("/join")
async def join(form: OpenForm) -> Response:
    """Sends the application; whatever is wrong is shown at its field and nothing typed is lost."""
    body = {"organisation": _organisation(form), "representative": _representative(form)}
    visit = form.visit
    try:
        answer = await visit.call_as_nobody(SERVICE, "POST", "/applications", body=body, once=form.once)
    except Correctable as refusal:
        return _page(visit, form.typed(), refusal)
    return visit.page("joined.html", application=answer.body)


def _organisation(form: Form) -> dict[str, Any]:
    given = {name: form.optional(f"organisation.{name}") for name in ORGANISATION}
    return {"name": form.bilingual("organisation.name")} | {name: value for name, value in given.items() if value}


def _representative(form: Form) -> dict[str, Any]:
    """The password is taken as it was typed, spaces and all."""
    given: dict[str, Any] = {
        "name": form.bilingual("representative.name"),
        "email": form.one("representative.email"),
        "password": str(form.data.get("representative.password") or ""),
        "language": form.visit.language,
    }
    return given | ({"orcid": form.one("representative.orcid")} if form.one("representative.orcid") else {})


def _page(visit: Visit, fields: dict[str, Any], refusal: Refused | None = None) -> Response:
    labels = {
        "organisation.name": visit._("Name of the organisation"),
        "organisation.kind": visit._("Kind"),
        "organisation.uscc": visit._("Unified social credit code"),
        "organisation.ror": visit._("ROR id"),
        "organisation.region": visit._("Region"),
        "organisation.country": visit._("Country"),
        "organisation.website": visit._("Website"),
        "representative.name": visit._("Your name"),
        "representative.email": visit._("E-mail address"),
        "representative.password": visit._("Password"),
        "representative.orcid": visit._("ORCID"),
    }
    errors = labelled(refusal, labels)
    return visit.page("join.html", refusal.status if refusal else 200, fields=fields, errors=errors, refusal=refusal)


@router.get("/applications")
async def applications(visit: Secretariat, cursor: str = "") -> Response:
    """Who asks to join."""
    return await _list(visit, cursor)


async def _list(
    visit: Visit,
    cursor: str = "",
    wrong: str = "",
    fields: Mapping[str, Any] | None = None,
    refusal: Refused | None = None,
) -> Response:
    """`wrong`: the application whose decision was refused, with what was typed."""
    found: Json = await visit.get(SERVICE, "/applications", state="applied", cursor=cursor, limit=20)
    sides = {f"reason.{language}": f"reason-{language}-{wrong}" for language in LANGUAGES}
    moved = sides | {"reason": sides["reason.zh"]}
    return visit.page(
        "applications.html",
        refusal.status if refusal else 200,
        at="/applications" if refusal else "",
        found=found,
        next=f"/applications?cursor={found['next']}" if found.get("next") else None,
        wrong=wrong,
        fields=fields or {},
        refusal=refusal,
        errors=labelled(refusal, dict.fromkeys(moved.values(), visit._("What is missing?")), moved),
    )


@router.post("/applications/{application_id:uuid}/approve")
async def approve(form: SignedForm, application_id: Any) -> Response:
    """Admits the organisation."""
    return await _decide(form, str(application_id), "approve", None, "approved")


@router.post("/applications/{application_id:uuid}/return")
async def return_application(form: SignedForm, application_id: Any) -> Response:
    """Gives it back with what is missing."""
    reason = form.bilingual("reason")
    return await _decide(form, str(application_id), "return", {"reason": reason}, "returned")


async def _decide(form: Form, application_id: str, verb: str, body: Json, done: str) -> Response:
    path = f"/applications/{application_id}/{verb}"
    try:
        await form.visit.call(SERVICE, "POST", path, body=body, etag=form.etag, once=form.once)
    except Refused as refusal:
        if refusal.status == 422:
            return await _list(form.visit, wrong=application_id, fields=form.typed(), refusal=refusal)
        if refusal.status not in (409, 412):
            raise
        return form.visit.redirect("/applications", done="already")
    return form.visit.redirect("/applications", done=done)
