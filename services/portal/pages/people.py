"""Who holds which office for an organisation: new people, new invitations, the end of an office."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Correctable, Refused
from portal.forms import SignedForm, labelled
from portal.place import Here, Place

router = APIRouter()


@router.get("/organisation/people")
@router.get("/members/{organisation_id:uuid}/people")
async def people(place: Here, cursor: str = "") -> Response:
    """For representatives and editors, as the registry has it; others read why they do not see it."""
    if not place.may_edit:
        return place.visit.page("withheld.html", 403, place=place, what="people")
    return await _page(place, cursor=cursor)


@router.post("/organisation/people")
@router.post("/members/{organisation_id:uuid}/people")
async def appoint(form: SignedForm, place: Here) -> Response:
    """Gives an office; the invitation of somebody without an account is shown in this answer and never again."""
    body = {
        "name": form.bilingual("name"),
        "email": form.one("email"),
        "office": form.one("office"),
        "orcid": form.optional("orcid"),
        "language": place.visit.language,
    }
    try:
        answer = await place.call("POST", "/people", body=body, once=form.once)
    except Correctable as refusal:
        return await _page(place, fields=form.typed(), refusal=refusal)
    return place.visit.page("invited.html", 201, place=place, person=answer.body, invitation=answer.body["invitation"])


@router.post("/organisation/people/{affiliation_id:uuid}/invitation")
@router.post("/members/{organisation_id:uuid}/people/{affiliation_id:uuid}/invitation")
async def invite(form: SignedForm, place: Here, affiliation_id: Any) -> Response:
    """Another code for somebody who has not chosen a password yet."""
    try:
        answer = await place.call("POST", f"/people/{affiliation_id}/invitation", once=form.once)
    except Correctable as refusal:
        return await _page(place, refusal=refusal)
    return place.visit.page("invited.html", 201, place=place, person=None, invitation=answer.body["invitation"])


@router.post("/organisation/people/{affiliation_id:uuid}/end")
@router.post("/members/{organisation_id:uuid}/people/{affiliation_id:uuid}/end")
async def end(form: SignedForm, place: Here, affiliation_id: Any) -> Response:
    """Ends an office now; whoever ends their own is shown what is left to them."""
    try:
        ended = await place.call("POST", f"/people/{affiliation_id}/end", once=form.once)
    except Correctable as refusal:
        return await _page(place, refusal=refusal)
    if ended.body["account_id"] == place.visit.account["account"]["id"]:
        await place.visit.renew(force=True)
        return place.visit.redirect("/account", done="office-ended")
    return place.visit.redirect(f"{place.base}/people", done="office-ended")


async def _page(
    place: Place, *, cursor: str = "", fields: Mapping[str, Any] | None = None, refusal: Refused | None = None
) -> Response:
    words = place.visit._
    labels = {
        "name": words("Name of the person"),
        "email": words("E-mail address"),
        "office": words("Office"),
        "orcid": words("ORCID"),
    }
    found = (await place.call("GET", "/people", params={"cursor": cursor, "limit": 50})).body
    return place.visit.page(
        "people.html",
        refusal.status if refusal else 200,
        place=place,
        found=found,
        next=f"{place.base}/people?cursor={found['next']}" if found.get("next") else None,
        fields=fields or {},
        errors=labelled(refusal, labels),
        refusal=refusal,
    )
