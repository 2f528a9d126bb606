"""Finding needs, and one need with its suggestions."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from common.vocabulary import Role
from portal.clients import Json, Refused, Unreachable
from portal.forms import SignedForm, in_one_field, labelled
from portal.visit import SignedIn, Visit

router = APIRouter()

SERVICE = "project_matching"
FILTERS = ("q", "state", "specialty", "achievement_type", "wanted", "mine", "record")
WRITERS = frozenset({Role.institution_representative, Role.institution_editor, Role.clinician})
WITHDRAWABLE = ("draft", "submitted", "published", "matched")


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
async def need(visit: SignedIn, need_id: Any, suggestion: str = "", cursor: str = "") -> Response:
    """One need; where the person may see them, its suggestions with the chosen one opened up, and what happened."""
    return await _page(visit, need_id, suggestion, cursor)


async def _page(
    visit: Visit, need_id: Any, suggestion: str = "", cursor: str = "", reason: str = "", refusal: Refused | None = None
) -> Response:
    """`reason`: what was typed for a withdrawal that was refused."""
    answer = await visit.call(SERVICE, "GET", f"/needs/{need_id}")
    found = answer.body
    page = await _suggestions(visit, found, cursor)
    suggestions = page["items"]
    chosen = next((one for one in suggestions if str(one["id"]) == suggestion), suggestions[0] if suggestions else None)
    mine = _is_mine(visit, found)
    moved = in_one_field("reason", "withdraw-reason")
    return visit.page(
        "need.html",
        refusal.status if refusal else 200,
        at=f"/needs/{need_id}" if refusal else "",
        need=found,
        etag=answer.etag,
        suggestions=suggestions,
        next=next_page(f"/needs/{need_id}", {}, page),
        chosen=chosen,
        item=await item_of(visit, chosen) if chosen else None,
        mine=mine,
        may_withdraw=found["state"] in WITHDRAWABLE and (visit.side == "secretariat" or (mine and _writes(visit))),
        history=history(found, suggestions) if mine or visit.side == "secretariat" else [],
        reason=reason,
        refusal=refusal,
        errors=labelled(refusal, {"withdraw-reason": visit._("Reason")}, moved),
    )


def _is_mine(visit: Visit, found: Json) -> bool:
    return visit.organisation is not None and str(visit.organisation["id"]) == str(found["organisation"]["id"])


def _writes(visit: Visit) -> bool:
    return visit.organisation is not None and visit.organisation["role"] in WRITERS


async def _suggestions(visit: Visit, found: Json, cursor: str) -> Json:
    """All of them for the poster and the secretariat; others are told only of their own organisation's."""
    nothing: Json = {"items": [], "next": None}
    if found["state"] in ("draft", "submitted", "in_review"):
        return nothing
    try:
        return await visit.get(SERVICE, f"/needs/{found['id']}/suggestions", cursor=cursor, limit=20)
    except Refused as refusal:
        if refusal.status in (403, 404):
            return nothing
        raise


def history(found: Json, suggestions: list[Json]) -> list[dict[str, Any]]:
    """What happened to a need, newest first: its own dates, and the answers given to the suggestions shown."""
    steps = [{"what": "created", "at": found["created_at"], "text": None}]
    for what in ("submitted", "published"):
        if found[f"{what}_at"]:
            steps.append({"what": what, "at": found[f"{what}_at"], "text": None})
    if found["state"] == "draft" and found["return_reason"]:
        steps.append({"what": "returned", "at": found["in_state_since"], "text": found["return_reason"]})
    if found["state"] not in ("draft", "submitted", "published"):
        steps.append({"what": found["state"], "at": found["in_state_since"], "text": found["withdraw_reason"]})
    for suggestion in suggestions:
        for side, by in (("need_side", found["organisation"]), ("organisation_side", suggestion["organisation"])):
            if given := suggestion["answers"][side]:
                about = suggestion["organisation"]["name"] if side == "need_side" else None
                step = {"what": given["answer"], "at": given["at"], "by": by["name"], "about": about, "text": None}
                steps.append(step | {"link": f"/suggestions/{suggestion['id']}"})
    return sorted(steps, key=lambda step: str(step["at"]), reverse=True)


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
    """Takes a need back, with the reason; what was withdrawn or changed meanwhile stays as it is."""
    body = {"reason": {form.visit.language: form.optional("reason")}}
    path, etag = f"/needs/{need_id}/withdraw", form.etag
    try:
        await form.visit.call(SERVICE, "POST", path, body=body, etag=etag, once=form.once)
    except Refused as refusal:
        if refusal.status == 422:
            return await _page(form.visit, need_id, reason=form.one("reason"), refusal=refusal)
        if refusal.status not in (409, 412):
            raise
        return form.visit.redirect(f"/needs/{need_id}", done="already" if refusal.status == 409 else "meanwhile")
    return form.visit.redirect(f"/needs/{need_id}", done="withdrawn")
