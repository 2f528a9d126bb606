"""Standing filters: what a subscriber wants to hear about, written down once."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Correctable, Json, Refused
from portal.forms import Form, SignedForm, labelled
from portal.visit import SignedIn, Visit

router = APIRouter()

SERVICE = "project_matching"
TICKS = ("specialties", "achievement_types", "wanted")
WORDS = ("words_all", "words_any", "words_none", "regions")
FROM_SEARCH = {"specialties": "specialty", "achievement_types": "achievement_type", "wanted": "wanted"}


@router.get("/subscriptions")
async def subscriptions(visit: SignedIn) -> Response:
    """All of the organisation's subscriptions."""
    return visit.page("subscriptions.html", found=await visit.get(SERVICE, "/subscriptions"))


@router.get("/subscriptions/new")
async def new(visit: SignedIn) -> Response:
    """An empty filter; what was searched for may come along."""
    query = visit.request.query_params
    fields = {f"name.{visit.language}": query.get("q", "")[:100], "words_all": query.get("q", "")[:200]}
    chosen = {name: query.getlist(parameter) for name, parameter in FROM_SEARCH.items()}
    return _page(visit, fields | chosen)


@router.get("/subscriptions/{subscription_id:uuid}")
async def edit(visit: SignedIn, subscription_id: Any) -> Response:
    """One filter again."""
    answer = await visit.call(SERVICE, "GET", f"/subscriptions/{subscription_id}")
    fields = {f"name.{language}": words or "" for language, words in answer.body["name"].items()}
    fields |= {name: answer.body[name] for name in TICKS} | {name: " ".join(answer.body[name]) for name in WORDS}
    return _page(visit, fields, subscription=answer.body, etag=answer.etag)


@router.post("/subscriptions")
async def subscribe(form: SignedForm) -> Response:
    """Begins to follow."""
    return await _save(form, None)


@router.post("/subscriptions/{subscription_id:uuid}")
async def change(form: SignedForm, subscription_id: Any) -> Response:
    """Follows something else from now on."""
    return await _save(form, str(subscription_id))


@router.post("/subscriptions/{subscription_id:uuid}/delete")
async def delete(form: SignedForm, subscription_id: Any) -> Response:
    """Stops following."""
    etag = form.etag
    await form.visit.call(SERVICE, "DELETE", f"/subscriptions/{subscription_id}", etag=etag)
    return form.visit.redirect("/subscriptions", done="deleted")


async def _save(form: Form, subscription_id: str | None) -> Response:
    ticked = {name: form.many(name) for name in TICKS}
    body = {"name": form.bilingual("name")} | ticked | {name: _separate(form.one(name)) for name in WORDS}
    path = f"/subscriptions/{subscription_id}" if subscription_id else "/subscriptions"
    method = "PUT" if subscription_id else "POST"
    try:
        await form.visit.call(SERVICE, method, path, body=body, etag=form.etag, once=form.once)
    except Correctable as refusal:
        subscription = {"id": subscription_id} if subscription_id else None
        fields = form.typed() | ticked
        return _page(form.visit, fields, subscription=subscription, etag=form.etag, refusal=refusal)
    return form.visit.redirect("/subscriptions", done="changed" if subscription_id else "subscribed")


def _separate(words: str) -> list[str]:
    """Words as people write them in a row, with Chinese or Western commas or spaces between them."""
    return re.split(r"[\s,，、;；]+", words.strip(" ,，、;；")) if words.strip(" ,，、;；") else []


def _page(
    visit: Visit,
    fields: Mapping[str, Any],
    subscription: Json = None,
    etag: str | None = None,
    refusal: Refused | None = None,
) -> Response:
    labels = {
        "name": visit._("Name"),
        "specialties": visit._("Specialties"),
        "achievement_types": visit._("Achievement types"),
        "wanted": visit._("Counterpart sought"),
        "words_all": visit._("All of these words"),
        "words_any": visit._("At least one of these words"),
        "words_none": visit._("None of these words"),
        "regions": visit._("Regions"),
    }
    errors = labelled(refusal, labels)
    for error in errors:
        if not error["field"].startswith("name."):
            error["field"] = error["field"].split(".")[0]  # one of several words or ticks: they share a field
    status = refusal.status if refusal else 200
    return visit.page(
        "subscription_form.html",
        status,
        fields=fields,
        subscription=subscription,
        etag=etag,
        errors=errors,
        refusal=refusal,
    )
