"""Submitted forms: checked for their token, read field by field, and kept when the person has to sign in first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from common.text import LANGUAGES
from portal.clients import Refused
from portal.security import local_path, token_is_right
from portal.visit import SignInNeeded, Visit, Visitor

BOOKKEEPING = frozenset({"csrf", "once", "kept_as", "back", "action"})  # not what a person typed


class FormNotOurs(Exception):
    """The form's token does not belong to this browser: it is too old, or not from our page."""


@dataclass(frozen=True)
class Form:
    """What a person sent, and who sent it."""

    visit: Visit
    data: FormData

    def one(self, name: str) -> str:
        """A field's text without the spaces around it; empty when it was not sent."""
        value = self.data.get(name)
        return "" if value is None or isinstance(value, UploadFile) else value.replace("\r\n", "\n").strip()

    def optional(self, name: str) -> str | None:
        return self.one(name) or None

    def many(self, name: str) -> list[str]:
        """Every ticked box of one name."""
        return [value for value in self.data.getlist(name) if isinstance(value, str) and value]

    def bilingual(self, name: str) -> dict[str, str | None]:
        """A pair of fields `name.zh` and `name.en`."""
        return {language: self.optional(f"{name}.{language}") for language in ("zh", "en")}

    @property
    def once(self) -> str | None:
        """The idempotency key that was drawn with the form: sending it twice does it once."""
        return _for_header(self.optional("once"))

    @property
    def etag(self) -> str | None:
        """The version that the form was drawn with."""
        return _for_header(self.optional("etag"))

    @property
    def kept_as(self) -> str:
        """The address of the page that shows the form again when it was not finished."""
        return _storable(self.one("kept_as"))[:100]

    @property
    def back(self) -> str:
        """Where the person came from, if the form says so and it is ours."""
        return local_path(self.optional("back"))

    def typed(self) -> dict[str, Any]:
        """What can be shown again in the same form: one text a field, a list where several were sent."""
        typed: dict[str, Any] = {}
        for name in self.data:
            if name not in BOOKKEEPING:
                values = [_storable(value) for value in self.many(name)]
                typed[_storable(name)] = values if len(values) > 1 else (values[0] if values else "")
        return typed


def _storable(value: str) -> str:
    """Without what neither PostgreSQL nor UTF-8 can hold."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def _for_header(value: str | None) -> str | None:
    """With ? for what no header can carry: the service refuses it as it refuses any version or key of nobody's."""
    return value and re.sub(r"[^!-~]", "?", value)


async def open_form(request: Request, visit: Visitor) -> Form:
    """A form that anybody may send (sign-in, application): its token must belong to this browser."""
    data = await request.form(max_files=0, max_fields=400, max_part_size=200_000)
    form = Form(visit, data)
    if not token_is_right(visit.cookie or "", data.get("csrf")):
        raise FormNotOurs
    request.state.form = form
    return form


OpenForm = Annotated[Form, Depends(open_form)]


async def signed_form(form: OpenForm) -> Form:
    """A form of somebody who is signed in."""
    if not form.visit.signed_in:
        raise SignInNeeded(expired=True)
    return form


SignedForm = Annotated[Form, Depends(signed_form)]


def values(kept: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The fields of a form that was kept earlier."""
    fields: Mapping[str, Any] = (kept or {}).get("fields", {})
    return fields


def in_one_field(name: str, stands: str) -> dict[str, str]:
    """For `labelled`: a text of both languages that one field of the form asks for."""
    return dict.fromkeys([*(f"{name}.{language}" for language in LANGUAGES), name], stands)


def labelled(
    refusal: Refused | None, labels: Mapping[str, str], moved: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The wrong fields by the labels that people know them by; `moved`: where on the form a field of the API stands."""
    named = []
    for error in refusal.errors if refusal else []:
        field = re.sub(r"\[(\d+)\]", r".\1", str(error.get("field") or "").removeprefix("body."))
        for place, stands in (moved or {}).items():
            if field == place or field.startswith(f"{place}."):
                field = stands + field.removeprefix(place)
                break
        label = next((words for name, words in labels.items() if f"{field}.".startswith(f"{name}.")), field)
        named.append({**error, "field": field, "label": label})
    return named
