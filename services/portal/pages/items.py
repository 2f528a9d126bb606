"""The items of a profile, one form each: what an organisation makes or can do, which suggestions rest on."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Correctable, Json, Refused
from portal.forms import Form, SignedForm, labelled, values
from portal.keeping import forget, keep
from portal.place import Editing, Here, Place
from portal.profiles import key_of, profile_of, says_the_same

router = APIRouter()

CODES = ("device_class", "specialty", "stage")


@router.get("/organisation/items/new")
@router.get("/members/{organisation_id:uuid}/items/new")
async def new(place: Editing) -> Response:
    """An empty form, or the one that was not finished."""
    kept = place.kept("/items/new")
    return _page(place, None, values(kept), kept=kept)


@router.get("/organisation/items/{key}")
@router.get("/members/{organisation_id:uuid}/items/{key}")
async def edit(place: Editing, key: str) -> Response:
    """One item as a form."""
    kept = place.kept(f"/items/{key}")
    item = _find((await place.call("GET")).body, key)
    if item is None:
        return _page(place, None, values(kept), gone=True, status=404)
    return _page(place, key, values(kept) or _fields(item), kept=kept)


@router.post("/organisation/items/new")
@router.post("/members/{organisation_id:uuid}/items/new")
async def add(form: SignedForm, place: Here) -> Response:
    """One more item, first in the profile; sent twice it is there once."""
    return await _save(form, place, None)


@router.post("/organisation/items/{key}")
@router.post("/members/{organisation_id:uuid}/items/{key}")
async def change(form: SignedForm, place: Here, key: str) -> Response:
    """The item with new content, in its place."""
    return await _save(form, place, key)


@router.post("/organisation/items/{key}/delete")
@router.post("/members/{organisation_id:uuid}/items/{key}/delete")
async def delete(form: SignedForm, place: Here, key: str) -> Response:
    """Without this item."""
    answer = await place.call("GET")
    left = [item for item in answer.body["items"] if key_of(item) != key]
    if len(left) < len(answer.body["items"]):
        await _put(place, answer.body, left, answer.etag)
    await forget(form)
    return place.visit.redirect(place.base, done="item-deleted")


async def _save(form: Form, place: Place, key: str | None) -> Response:
    """On the newest profile, where this item still says what the person saw; else it is shown what happened."""
    answer = await place.call("GET")
    item, before = _item(form), _find(answer.body, key)
    if not any(says_the_same(item, one) for one in answer.body["items"]):
        if key is not None and before is None:
            await keep(form)
            return _page(place, None, form.typed(), gone=True, status=412)
        items = [item if before is one else one for one in answer.body["items"]]
        items = items if before is not None else [item, *items]
        number = next(n for n, one in enumerate(items) if one is item)
        try:
            await _put(place, answer.body, items, answer.etag)
        except Correctable as refusal:
            await keep(form)
            return _page(place, key, form.typed(), refusal=refusal, number=number, status=refusal.status)
    await forget(form)
    return place.visit.redirect(place.base, done="profile")


async def _put(place: Place, found: Json, items: list[Json], etag: str | None) -> None:
    await place.call("PUT", "/profile", body=profile_of(found) | {"items": items}, etag=etag)


def _find(found: Json, key: str | None) -> Json:
    return next((item for item in found["items"] if key_of(item) == key), None)


def _item(form: Form) -> dict[str, Any]:
    """The form as the registry reads it; a year that is no number goes as it is, to be refused by name."""
    year = form.optional("year")
    item: dict[str, Any] = {"title": form.bilingual("title"), "text": form.bilingual("text")}
    item |= {name: form.optional(name) for name in CODES}
    item |= {"year": int(year) if year and year.isdecimal() else year, "reference": form.optional("reference")}
    return item | {"device_class": item["device_class"] or "not_stated"}


def _fields(item: Json) -> dict[str, Any]:
    """An item as the fields of its form."""
    fields = {name: item[name] or "" for name in (*CODES, "year", "reference")}
    return fields | {f"{name}.{code}": item[name][code] or "" for name in ("title", "text") for code in ("zh", "en")}


def _page(
    place: Place,
    key: str | None,
    fields: Mapping[str, Any],
    *,
    kept: Any = None,
    refusal: Refused | None = None,
    number: int = 0,
    gone: bool = False,
    status: int = 200,
) -> Response:
    words = place.visit._
    labels = {
        "title": words("Name or title"),
        "text": words("Description"),
        "device_class": words("Device class"),
        "specialty": words("Specialty"),
        "stage": words("Stage"),
        "year": words("Year"),
        "reference": words("Reference"),
    }
    moved = {f"items.{number}.{name}": name for name in labels} | {f"items.{number}": "text", "items": "text"}
    context = {"fields": fields, "kept": kept, "refusal": refusal, "gone": gone, "key": key}
    errors = labelled(refusal, labels, moved)
    return place.visit.page("item_form.html", status, place=place, errors=errors, **context)
