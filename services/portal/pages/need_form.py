"""Writing a need: both languages side by side, nothing typed is ever lost, wrong fields are named where they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Answer, Correctable, Json, Refused
from portal.forms import Form, SignedForm, labelled, values
from portal.keeping import forget, keep
from portal.visit import SignedIn, Visit

router = APIRouter()

SERVICE = "project_matching"
TEXTS = ("title", "problem", "population", "outcome", "workflow_step")
CODES = ("specialty", "achievement_type", "device_class", "stage", "disclosure")


@dataclass(frozen=True)
class Draft:
    """The form as it stands: what is in it, which need it belongs to and in which version."""

    values: Mapping[str, Any]
    need: Json = None
    etag: str | None = None

    @property
    def address(self) -> str:
        """The page that shows this form; unfinished input is kept under it."""
        return f"/needs/{self.need['id']}/edit" if self.need else "/needs/new"


@router.get("/needs/new")
async def new(visit: SignedIn) -> Response:
    """An empty form, or the one this person did not finish."""
    kept = visit.session.kept.get("/needs/new") if visit.session else None
    return _page(visit, Draft(values(kept) or {"disclosure": "summary", "stage": "pain_point"}), kept=kept)


@router.get("/needs/{need_id:uuid}/edit")
async def edit(visit: SignedIn, need_id: Any) -> Response:
    """A draft again, with what was typed since and not saved."""
    answer = await visit.call(SERVICE, "GET", f"/needs/{need_id}")
    draft = Draft(_fields(answer.body), answer.body, answer.etag)
    kept = visit.session.kept.get(draft.address) if visit.session else None
    return _page(visit, Draft(values(kept) or draft.values, draft.need, draft.etag), kept=kept)


@router.post("/needs")
async def save_new(form: SignedForm) -> Response:
    """A new draft; with `action=submit` it goes to the secretariat at once."""
    return await _save(form, Draft(_typed(form)))


@router.post("/needs/{need_id:uuid}")
async def save_changes(form: SignedForm, need_id: Any) -> Response:
    """Changes to a draft, made on the version the person saw."""
    answer = await form.visit.call(SERVICE, "GET", f"/needs/{need_id}")
    return await _save(form, Draft(_typed(form), answer.body, form.etag or answer.etag))


async def _save(form: Form, draft: Draft) -> Response:
    """Saves, then submits if asked to; refusals come back in the form with everything still in it."""
    visit = form.visit
    try:
        saved = await _send(form, draft)
        draft = Draft(draft.values, saved.body, saved.etag)
        if form.one("action") == "submit":
            path = f"/needs/{saved.body['id']}/submit"
            await visit.call(SERVICE, "POST", path, etag=saved.etag, once=f"{form.once}-submit" if form.once else None)
    except Correctable as refusal:
        await keep(form)
        return _page(visit, draft, refusal=refusal)
    await forget(form)
    submitted = form.one("action") == "submit"
    return visit.redirect(f"/needs/{draft.need['id']}", done="submitted" if submitted else "draft")


async def _send(form: Form, draft: Draft) -> Answer:
    if draft.need is None:
        return await form.visit.call(SERVICE, "POST", "/needs", body=_body(form), once=form.once)
    path = f"/needs/{draft.need['id']}"
    unseen = {name: draft.need[name] for name in ("provenance", "blocked_organisations")}  # the form does not ask
    return await form.visit.call(SERVICE, "PUT", path, body=_body(form) | unseen, etag=draft.etag)


def _body(form: Form) -> dict[str, Any]:
    """The form as project_matching reads it."""
    written = {name: form.bilingual(name) for name in TEXTS}
    chosen = {name: form.optional(name) for name in CODES}
    body = written | chosen | {"region": form.optional("region"), "wanted": form.many("wanted")}
    return {name: value for name, value in body.items() if value is not None}


def _typed(form: Form) -> dict[str, Any]:
    return form.typed() | {"wanted": form.many("wanted")}


def _fields(need: Json) -> dict[str, Any]:
    """A need as the fields of its form."""
    fields = {name: need.get(name) or "" for name in (*CODES, "region")}
    for name in TEXTS:
        for language in ("zh", "en"):
            fields[f"{name}.{language}"] = (need.get(name) or {}).get(language) or ""
    return fields | {"wanted": need.get("wanted") or []}


def _page(visit: Visit, draft: Draft, kept: Any = None, refusal: Refused | None = None) -> Response:
    status = refusal.status if refusal else 200
    wanted = draft.values.get("wanted") or []
    fields = {**draft.values, "wanted": [wanted] if isinstance(wanted, str) else wanted}
    errors = labelled(refusal, _labels(visit))
    stale = (draft.need or {}).get("stale_translations", [])
    more = {"fields": fields, "errors": errors, "refusal": refusal, "kept": kept, "stale": stale}
    return visit.page("need_form.html", status, draft=draft, **more)


def _labels(visit: Visit) -> dict[str, str]:
    return {
        "title": visit._("Title"),
        "problem": visit._("Problem"),
        "population": visit._("Population"),
        "outcome": visit._("Outcome"),
        "workflow_step": visit._("Step in the clinical workflow"),
        "specialty": visit._("Specialty"),
        "achievement_type": visit._("Achievement type"),
        "wanted": visit._("Whom do you look for?"),
        "device_class": visit._("Device class"),
        "stage": visit._("Stage"),
        "disclosure": visit._("What others may see"),
        "region": visit._("Region"),
    }
