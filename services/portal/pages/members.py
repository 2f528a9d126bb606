"""The directory of organisations and one organisation's profile."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Refused
from portal.pages.needs import next_page
from portal.visit import SignedIn

router = APIRouter()

SERVICE = "member_registry"
FILTERS = ("q", "kind", "specialty", "record")


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
    found = await visit.get(SERVICE, f"/organisations/{organisation_id}")
    return visit.page("member.html", organisation=found)
