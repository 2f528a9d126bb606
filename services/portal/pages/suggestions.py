"""Suggestions that wait for an answer, one suggestion with both texts side by side, and the answer."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Json, Refused
from portal.forms import Form, SignedForm, in_one_field, labelled
from portal.pages.needs import item_of, next_page
from portal.visit import SignedIn, Visit

router = APIRouter()

SERVICE = "project_matching"


@router.get("/suggestions")
async def suggestions(visit: SignedIn, cursor: str = "", every: str = "") -> Response:
    """Those on which the person's organisation has not answered yet, or all of them; best first."""
    waiting = None if every else "true"
    found = await visit.get(SERVICE, "/suggestions", waiting=waiting, cursor=cursor, limit=20)
    following = next_page("/suggestions", {"every": every and "1"}, found)
    return visit.page("suggestions.html", found=found, next=following, every=bool(every))


@router.get("/suggestions/{suggestion_id:uuid}")
async def suggestion(visit: SignedIn, suggestion_id: Any) -> Response:
    """Why these two might fit: facets with their arithmetic, and the words that met in both texts."""
    return await _opened(visit, suggestion_id)


async def _opened(
    visit: Visit, suggestion_id: Any, fields: Mapping[str, Any] | None = None, refusal: Refused | None = None
) -> Response:
    answer = await visit.call(SERVICE, "GET", f"/suggestions/{suggestion_id}")
    found = answer.body | {"etag": answer.etag or ""}
    item = await item_of(visit, found)
    status = refusal.status if refusal else 200
    need = await _need_of(visit, found)
    text, reason = f"text-{suggestion_id}", f"reason-{suggestion_id}"
    labels = {reason: visit._("Reason"), text: visit._("A sentence that helps them")}
    moved = {"reason": reason} | in_one_field("text", text)
    return visit.page(
        "suggestion.html",
        status,
        at=f"/suggestions/{suggestion_id}",
        suggestion=found,
        need=need,
        item=item,
        side=_side(visit, found, need),
        fields=fields or {},
        refusal=refusal,
        errors=labelled(refusal, labels, moved),
    )


async def _need_of(visit: Visit, suggestion: Json) -> Json:
    """The need's own text, as far as this person may read it; at least its title is in the suggestion."""
    try:
        return await visit.get(SERVICE, f"/needs/{suggestion['need']['id']}")
    except Refused as refusal:
        if refusal.status in (403, 404):
            return None
        raise


def _side(visit: Visit, suggestion: Json, need: Json) -> str | None:
    """For which of the two sides this person may answer."""
    mine = str(visit.organisation["id"]) if visit.organisation else None
    if mine and mine == str(suggestion["organisation"]["id"]):
        return "organisation_side"
    poster = (need or suggestion["need"])["organisation"]["id"]
    return "need_side" if mine and mine == str(poster) else None


@router.post("/suggestions/{suggestion_id:uuid}/answer")
async def answer(form: SignedForm, suggestion_id: Any) -> Response:
    """Interested, or declined with a reason that can be counted."""
    try:
        await form.visit.call(
            SERVICE,
            "POST",
            f"/suggestions/{suggestion_id}/answer",
            body=_answer(form),
            etag=form.etag,
            once=form.once,
        )
    except Refused as refusal:
        if refusal.status in (409, 412):
            return form.visit.redirect(form.back, done="already")
        if refusal.status != 422:
            raise
        return await _opened(form.visit, suggestion_id, form.typed(), refusal)
    return form.visit.redirect(form.back, done="answered")


def _answer(form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {"answer": form.one("answer")}
    if reason := form.optional("reason"):
        body["reason"] = reason
    if text := form.optional("text"):
        body["text"] = {form.visit.language: text}
    return body
