"""The secretariat's publishing desk: read what was sent in, publish it or return it with a reason."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Json, Refused
from portal.forms import Form, SignedForm, labelled
from portal.visit import Secretariat, Visit

router = APIRouter()

SERVICE = "project_matching"


@router.get("/desk")
async def desk(visit: Secretariat) -> Response:
    """The queue, oldest first as the service gives it; on a wide screen the first need is open beside it."""
    return await _page(visit)


@router.get("/desk/{need_id:uuid}")
async def one(visit: Secretariat, need_id: Any) -> Response:
    """One need of the queue, as it would be published."""
    return await _page(visit, need_id)


async def _page(
    visit: Visit, chosen: Any = None, fields: Mapping[str, Any] | None = None, refusal: Refused | None = None
) -> Response:
    queue = await _queue(visit)
    need_id = chosen or (queue[0]["id"] if queue else None)
    return visit.page(
        "desk.html",
        refusal.status if refusal else 200,
        at=f"/desk/{chosen}" if chosen else "",
        queue=queue,
        opened=await visit.call(SERVICE, "GET", f"/needs/{need_id}") if need_id else None,
        chosen=chosen is not None,
        fields=fields or {},
        refusal=refusal,
        errors=labelled(refusal, {"reason": visit._("Reason")}),
    )


async def _queue(visit: Visit) -> list[Json]:
    return list((await visit.get(SERVICE, "/needs", state="submitted", limit=50))["items"])


@router.post("/desk/{need_id:uuid}/publish")
async def publish(form: SignedForm, need_id: Any) -> Response:
    """Publishes; matching starts by itself."""
    return await _decide(form, need_id, "publish", {}, "published")


@router.post("/desk/{need_id:uuid}/return")
async def return_need(form: SignedForm, need_id: Any) -> Response:
    """Gives the need back to its author with what is missing."""
    return await _decide(form, need_id, "return", {"reason": form.bilingual("reason")}, "returned")


async def _decide(form: Form, need_id: Any, verb: str, body: Json, done: str) -> Response:
    path = f"/needs/{need_id}/{verb}"
    try:
        await form.visit.call(SERVICE, "POST", path, body=body or None, etag=form.etag, once=form.once)
    except Refused as refusal:
        if refusal.status == 422:
            return await _page(form.visit, need_id, form.typed(), refusal)
        if refusal.status not in (409, 412):
            raise
        return form.visit.redirect("/desk", done="already")
    return form.visit.redirect("/desk", done=done)
