"""The secretariat's publishing desk: read what was sent in, publish it or return it with a reason."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Json, Refused
from portal.forms import Form, SignedForm
from portal.visit import Secretariat, Visit

router = APIRouter()

SERVICE = "project_matching"


@router.get("/desk")
async def desk(visit: Secretariat) -> Response:
    """The queue, oldest first as the service gives it; on a wide screen the first need is open beside it."""
    queue = await _queue(visit)
    opened = await visit.call(SERVICE, "GET", f"/needs/{queue[0]['id']}") if queue else None
    return visit.page("desk.html", queue=queue, opened=opened, chosen=False, reason="", errors=[])


@router.get("/desk/{need_id:uuid}")
async def one(visit: Secretariat, need_id: Any) -> Response:
    """One need of the queue, as it would be published."""
    return await _opened(visit, need_id)


async def _opened(visit: Visit, need_id: Any, reason: str = "", refusal: Refused | None = None) -> Response:
    queue = await _queue(visit)
    opened = await visit.call(SERVICE, "GET", f"/needs/{need_id}")
    errors = [{"field": "reason", "message": refusal.detail or refusal.title, "label": ""}] if refusal else []
    status = refusal.status if refusal else 200
    return visit.page("desk.html", status, queue=queue, opened=opened, chosen=True, reason=reason, errors=errors)


async def _queue(visit: Visit) -> list[Json]:
    return list((await visit.get(SERVICE, "/needs", state="submitted", limit=50))["items"])


@router.post("/desk/{need_id:uuid}/publish")
async def publish(form: SignedForm, need_id: Any) -> Response:
    """Publishes; matching starts by itself."""
    return await _decide(form, need_id, "publish", {}, "published")


@router.post("/desk/{need_id:uuid}/return")
async def return_need(form: SignedForm, need_id: Any) -> Response:
    """Gives the need back to its author with what is missing."""
    reason = form.bilingual("reason")
    if not any(reason.values()):
        words = form.visit._("Please say what is missing, in Chinese or in English.")
        refusal = Refused(SERVICE, 422, {"title": words})
        return await _opened(form.visit, need_id, refusal=refusal)
    return await _decide(form, need_id, "return", {"reason": reason}, "returned")


async def _decide(form: Form, need_id: Any, verb: str, body: Json, done: str) -> Response:
    path = f"/needs/{need_id}/{verb}"
    try:
        await form.visit.call(SERVICE, "POST", path, body=body or None, etag=form.etag, once=form.once)
    except Refused as refusal:
        if refusal.status == 422:
            return await _opened(form.visit, need_id, form.one("reason.zh"), refusal)
        if refusal.status not in (409, 412):
            raise
        return form.visit.redirect("/desk", done="already")
    return form.visit.redirect("/desk", done=done)
