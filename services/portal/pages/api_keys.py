"""Keys with which an organisation's programs sign in: made and shown once, revoked."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Correctable, Refused
from portal.forms import SignedForm, labelled
from portal.place import Here, Place

router = APIRouter()


@router.get("/organisation/keys")
@router.get("/members/{organisation_id:uuid}/keys")
async def api_keys(place: Here, cursor: str = "") -> Response:
    """For representatives, as the registry has it; others read why they do not see them."""
    if not place.may_manage:
        return place.visit.page("withheld.html", 403, place=place, what="keys")
    return await _page(place, cursor=cursor)


@router.post("/organisation/keys")
@router.post("/members/{organisation_id:uuid}/keys")
async def make(form: SignedForm, place: Here) -> Response:
    """A new key, on top of the list in this one answer."""
    try:
        made = await place.call("POST", "/api-keys", body={"name": form.one("name")}, once=form.once)
    except Correctable as refusal:
        return await _page(place, fields=form.typed(), refusal=refusal)
    return await _page(place, made=made.body)


@router.post("/organisation/keys/{key_id:uuid}/revoke")
@router.post("/members/{organisation_id:uuid}/keys/{key_id:uuid}/revoke")
async def revoke(form: SignedForm, place: Here, key_id: Any) -> Response:
    """Worth nothing from now on; also when it was so already."""
    await place.call("DELETE", f"/api-keys/{key_id}")
    return form.visit.redirect(f"{place.base}/keys", done="revoked")


async def _page(
    place: Place,
    *,
    cursor: str = "",
    fields: Mapping[str, Any] | None = None,
    refusal: Refused | None = None,
    made: Any = None,
) -> Response:
    found = (await place.call("GET", "/api-keys", params={"cursor": cursor, "limit": 50})).body
    return place.visit.page(
        "api_keys.html",
        201 if made else refusal.status if refusal else 200,
        place=place,
        found=found,
        next=f"{place.base}/keys?cursor={found['next']}" if found.get("next") else None,
        fields=fields or {},
        errors=labelled(refusal, {"name": place.visit._("What the key is for")}),
        refusal=refusal,
        made=made,
    )
