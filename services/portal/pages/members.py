"""The directory of organisations and one organisation's profile."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Correctable, Refused
from portal.forms import SignedForm, labelled
from portal.pages.needs import next_page
from portal.place import place_at
from portal.profiles import with_keys
from portal.visit import SignedIn, Visit

router = APIRouter()

SERVICE = "member_registry"
FILTERS = ("q", "kind", "specialty", "record", "state")


@router.get("/members")
async def members(visit: SignedIn, cursor: str = "") -> Response:
    """Members first of all; public records and demo organisations are shown as what they are."""
    query = visit.request.query_params
    chosen = {name: query.get(name, "").strip()[:200] for name in FILTERS}
    try:
        found = await visit.get(SERVICE, "/organisations", **chosen, cursor=cursor, limit=24)
    except Refused as refusal:
        if refusal.status not in (400, 422):
            raise
        found = {"items": [], "next": None}
    next_address = next_page("/members", chosen, found)
    return visit.page("members.html", found=found, chosen=chosen, cursor=cursor, next=next_address)


@router.get("/members/{organisation_id:uuid}")
async def member(visit: SignedIn, organisation_id: Any) -> Response:
    """What an organisation makes or can do, and where that is known from."""
    return await _page(visit, organisation_id)


@router.post("/members/{organisation_id:uuid}/state")
async def change_state(form: SignedForm, organisation_id: Any) -> Response:
    """The secretariat suspends, resumes or ends a membership and says why."""
    state, reason = form.one("state"), form.bilingual("reason")
    path = f"/organisations/{organisation_id}/state"
    try:
        await form.visit.call(SERVICE, "POST", path, body={"state": state, "reason": reason}, once=form.once)
    except Correctable as refusal:
        return await _page(form.visit, organisation_id, form.typed(), refusal)
    return form.visit.redirect(f"/members/{organisation_id}", done="state")


async def _page(
    visit: Visit, organisation_id: Any, fields: Mapping[str, Any] | None = None, refusal: Refused | None = None
) -> Response:
    found = await visit.get(SERVICE, f"/organisations/{organisation_id}")
    return visit.page(
        "member.html",
        refusal.status if refusal else 200,
        at=f"/members/{organisation_id}",
        organisation=with_keys(found),
        place=place_at(visit, organisation_id),
        fields=fields or {},
        errors=labelled(refusal, {"state": visit._("Next state"), "reason": visit._("Reason")}),
        refusal=refusal,
    )
