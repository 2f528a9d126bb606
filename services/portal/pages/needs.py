"""Finding needs, and one need with its suggestions."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Json, Refused, Unreachable
from portal.forms import SignedForm
from portal.visit import SignedIn, Visit

router = APIRouter()

SERVICE = "project_matching"
FILTERS = ("q", "state", "specialty", "achievement_type", "wanted", "mine")


@router.get("/needs")
async def needs(visit: SignedIn, cursor: str = "") -> Response:
    """The list, narrowed by words in either language and by what a need is about."""
    query = visit.request.query_params
    chosen = {name: query.get(name, "").strip()[:200] for name in FILTERS}
    try:
        found = await visit.get(SERVICE, "/needs", **chosen, cursor=cursor, limit=20)
    except Refused as refusal:
        if refusal.status not in (400, 422):
            raise
        found = {"items": [], "next": None}  # a filter that does not exist finds nothing
    return visit.page("needs.html", found=found, chosen=chosen, cursor=cursor, next=next_page("/needs", chosen, found))


def next_page(path: str, chosen: Mapping[str, str], found: Json) -> str | None:
    """The address of the following page of a list with these filters."""
    if not found.get("next"):
        return None
    given = {name: value for name, value in chosen.items() if value}
    return f"{path}?{urlencode(given | {'cursor': found['next']})}"


@router.get("/needs/{need_id:uuid}")
async def need(visit: SignedIn, need_id: Any, suggestion: str = "") -> Response:
    """One need; where the person may see them, its suggestions with the chosen one opened up."""
    found = (await visit.call(SERVICE, "GET", f"/needs/{need_id}")).body
    suggestions = await _suggestions(visit, found)
    chosen = next((one for one in suggestions if str(one["id"]) == suggestion), suggestions[0] if suggestions else None)
    item = await item_of(visit, chosen) if chosen else None
    return visit.page(
        "need.html", need=found, suggestions=suggestions, chosen=chosen, item=item, mine=_is_mine(visit, found)
    )


def _is_mine(visit: Visit, found: Json) -> bool:
    return visit.organisation is not None and str(visit.organisation["id"]) == str(found["organisation"]["id"])


async def _suggestions(visit: Visit, found: Json) -> list[Json]:
    """All of them for the poster and the secretariat; others are told only of their own organisation's."""
    if found["state"] in ("draft", "submitted", "in_review"):
        return []
    try:
        return list((await visit.get(SERVICE, f"/needs/{found['id']}/suggestions", limit=20))["items"])
    except Refused as refusal:
        if refusal.status in (403, 404):
            return []
        raise


async def item_of(visit: Visit, suggestion: Json) -> Json:
    """The item of the organisation's profile that a suggestion rests on, with its text; None when it cannot be had."""
    if not suggestion or not suggestion.get("item"):
        return None
    try:
        profile = await visit.get("member_registry", f"/organisations/{suggestion['organisation']['id']}")
    except (Refused, Unreachable):
        return suggestion["item"]
    same = (one for one in profile.get("items") or [] if one["title"] == suggestion["item"]["title"])
    return next(same, suggestion["item"])


@router.post("/needs/{need_id:uuid}/withdraw")
async def withdraw(form: SignedForm, need_id: Any) -> Response:
    """Takes a need back, with the reason."""
    reason = {form.visit.language: form.optional("reason")}
    body = {"reason": reason}
    await form.visit.call(SERVICE, "POST", f"/needs/{need_id}/withdraw", body=body, once=form.once)
    return form.visit.redirect(f"/needs/{need_id}", done="withdrawn")
