"""An organisation's own profile: as others see it, and written anew without losing what somebody else wrote."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Correctable, Json, Refused
from portal.forms import Form, SignedForm, labelled, values
from portal.keeping import forget, keep
from portal.place import Editing, Here, Place
from portal.profiles import PARTS, profile_of, says_the_same, with_keys

router = APIRouter()

EMPTY_LINES = 3  # for new capabilities, at the end of the form


@router.get("/organisation")
async def organisation(place: Here) -> Response:
    """The profile as others see it, with the ways to change it."""
    found = with_keys((await place.call("GET")).body)
    return place.visit.page("member.html", organisation=found, place=place, fields={}, errors=[], refusal=None)


@router.get("/organisation/edit")
@router.get("/members/{organisation_id:uuid}/edit")
async def edit(place: Editing) -> Response:
    """The profile as a form; what was typed and not saved is still there."""
    answer = await place.call("GET")
    kept = place.kept("/edit")
    fields = values(kept) or fields_of(answer.body)
    return _page(place, answer.body, fields.get("etag", answer.etag), fields, kept=kept)


@router.post("/organisation/edit")
@router.post("/members/{organisation_id:uuid}/edit")
async def save(form: SignedForm, place: Here) -> Response:
    """Saves on the version the person saw; on another one it is shown what stands there now, and nothing is lost."""
    found = (await place.call("GET")).body
    typed = form.typed() | {"specialties": form.many("specialties")}
    written, lines = _written(form)
    body = profile_of(found) | written
    try:
        await place.call("PUT", "/profile", body=body, etag=form.etag)
    except Correctable as refusal:
        if refusal.status == 412:
            return await _somebody_was_faster(form, place, typed, written)
        return _page(place, found, form.etag, typed, refusal=refusal, lines=lines)
    await forget(form)
    return place.visit.redirect(place.base, done="profile")


async def _somebody_was_faster(
    form: Form, place: Place, typed: Mapping[str, Any], written: Mapping[str, Any]
) -> Response:
    """The form again over the newest version; a form that was sent twice is simply saved."""
    now = await place.call("GET")
    differing = [name for name in PARTS if name in written and not says_the_same(now.body[name], written[name])]
    if not differing:
        await forget(form)
        return place.visit.redirect(place.base, done="profile")
    await keep(form)
    return _page(place, now.body, now.etag, typed, differing=differing)


def fields_of(found: Json) -> dict[str, Any]:
    """An organisation as the fields of the form."""
    fields: dict[str, Any] = {name: found[name] or "" for name in ("website", "region")}
    fields["specialties"] = found["specialties"]
    pairs = {"summary": found["summary"]} | {f"capabilities.{n}": one for n, one in enumerate(found["capabilities"])}
    return fields | {f"{name}.{code}": pair[code] or "" for name, pair in pairs.items() for code in ("zh", "en")}


def _written(form: Form) -> tuple[dict[str, Any], list[int]]:
    """The form as the registry reads it, and on which line of the form each capability stands: empty ones go."""
    lines = [n for n in range(_lines(form.data)) if any(form.bilingual(f"capabilities.{n}").values())]
    written = {
        "summary": form.bilingual("summary"),
        "website": form.optional("website"),
        "region": form.optional("region"),
        "specialties": form.many("specialties"),
        "capabilities": [form.bilingual(f"capabilities.{n}") for n in lines],
    }
    return written, lines


def _lines(fields: Mapping[str, Any]) -> int:
    """How many lines for capabilities the fields fill or leave empty."""
    numbers = [name.split(".")[1] for name in fields if name.startswith("capabilities.")]
    return max((int(number) + 1 for number in numbers if number.isdecimal() and len(number) < 4), default=0)


def _page(
    place: Place,
    found: Json,
    etag: str | None,
    fields: Mapping[str, Any],
    *,
    kept: Any = None,
    refusal: Refused | None = None,
    differing: list[str] | None = None,
    lines: list[int] | None = None,
) -> Response:
    ticked = fields.get("specialties") or []
    shown = {**fields, "specialties": [ticked] if isinstance(ticked, str) else ticked}
    return place.visit.page(
        "profile_form.html",
        412 if differing else refusal.status if refusal else 200,
        place=place,
        organisation=found,
        etag=etag,
        fields=shown,
        lines=max(_filled(fields), len(found["capabilities"])) + EMPTY_LINES,
        kept=kept,
        refusal=refusal,
        errors=_errors(place, refusal, lines or []),
        differing=differing or [],
        stale=_stale(found),
    )


def _filled(fields: Mapping[str, Any]) -> int:
    return _lines({name: words for name, words in fields.items() if words})


def _stale(found: Json) -> list[str]:
    """The language of the summary that is older than the other."""
    revisions = found["summary_revisions"]
    if not revisions["zh"] or not revisions["en"] or revisions["zh"] == revisions["en"]:
        return []
    return ["summary.zh" if revisions["zh"] < revisions["en"] else "summary.en"]


def _errors(place: Place, refusal: Refused | None, lines: list[int]) -> list[dict[str, Any]]:
    """A capability's error belongs to the line of the form it was typed on."""
    words = place.visit._
    labels = {
        "summary": words("Summary"),
        "website": words("Website"),
        "region": words("Region"),
        "specialties": words("Specialties"),
        "capabilities": words("Capabilities"),
        "items": words("What you make or can do"),
    }
    return labelled(refusal, labels, {f"capabilities.{n}": f"capabilities.{line}" for n, line in enumerate(lines)})
