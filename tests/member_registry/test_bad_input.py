"""Whatever is sent to whichever route: the right refusal, never a fault of the server, never a half-applied change."""

import json
import unicodedata
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import ValidationError

from common.ids import new_id
from common.text import RequiredBilingual
from deploy.services import ROOT
from member_registry.api import routers
from tests.member_registry.conftest import HOSPITAL, PASSWORD, PREFIX, Registry, unique

WRITING = sorted(
    (method, route.path)
    for router in routers
    for route in router.routes
    if isinstance(route, APIRoute) and route.body_field is not None and not route.path.endswith("/token")
    for method in (route.methods or set()) & {"POST", "PUT"}
)
MALFORMED = {
    "nothing": b"",
    "half an object": b'{"name": ',
    "not a number": b'{"year": NaN}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "not UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "deeper than anybody needs": b"[" * 100_000,
}
WRONG = {
    "a list": [],
    "a text": "x",
    "a number": 1e308,
    "nothing": None,
    "unknown fields": {"unknown": 1, "__proto__": {}},
    "wrong types": {"name": 7, "email": [], "password": {}, "organisation": "x", "reason": 0, "state": [], "code": 1},
    "NUL": {"name": {"zh": "a\x00b"}, "email": "a\x00@b.c", "reason": {"en": "\x00"}, "code": "\x00", "items": "\x00"},
    "ten thousand entries": {"items": [{"title": {"en": "x"}}] * 10_000, "capabilities": [{}] * 10_000},
    "huge numbers": {"items": [{"title": {"en": "x"}, "year": 10**30}], "withdraw": 10**30, "secretariat": 10**30},
}


def test_every_route_that_writes_is_tried() -> None:
    assert len(WRITING) >= 13


@pytest.mark.parametrize(("method", "path"), WRITING, ids=lambda value: str(value).removeprefix(PREFIX))
async def test_malformed_json_is_refused_as_malformed(registry: Registry, method: str, path: str) -> None:
    for name, content in MALFORMED.items():
        answer = await send(registry, method, path, content)
        assert answer.status_code in (400, 422), (name, answer.text)
        assert answer.json()["code"] in ("malformed_json", "invalid_input"), name
    large = await send(registry, method, path, b'{"name": "' + b"x" * 10_000_000 + b'"}')
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(("method", "path"), WRITING, ids=lambda value: str(value).removeprefix(PREFIX))
async def test_wrong_content_is_refused_at_its_field(registry: Registry, method: str, path: str) -> None:
    before = await registry.database.fetch_value("SELECT count(*) FROM organisation")
    for name, content in WRONG.items():
        answer = await send(registry, method, path, json.dumps(content).encode())
        assert answer.status_code == 422, (name, answer.status_code, answer.text)
        assert answer.json()["errors"], name
        assert all(error["field"] and error["message"] for error in answer.json()["errors"]), name
    assert await registry.database.fetch_value("SELECT count(*) FROM organisation") == before


@pytest.mark.parametrize(
    ("method", "path"), [one for one in WRITING if "{" in one[1]], ids=lambda value: str(value).removeprefix(PREFIX)
)
async def test_ids_that_are_none_are_refused(registry: Registry, method: str, path: str) -> None:
    for wrong in ("x", "0", "%00", "..", "00000000-0000-0000-0000-00000000000g", "é" * 50):
        answer = await send(registry, method, path, b"{}", wrong)
        assert answer.status_code in (404, 422), (wrong, answer.text)


async def test_a_post_needs_an_idempotency_key(registry: Registry) -> None:
    for key in ("", "two words", "é", "x" * 256):
        headers = {**registry.secretariat, "idempotency-key": key}.items()
        sent = [(name.encode(), value.encode()) for name, value in headers]
        answer = await registry.client.post(f"{PREFIX}/organisations", headers=sent, json=HOSPITAL)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required"), key


async def test_naughty_strings_are_kept_as_they_are_or_refused(registry: Registry) -> None:
    good: list[str] = []
    for text in naughty():
        try:
            RequiredBilingual(en=text)
            good.append(text)
        except ValidationError:
            answer = await registry.post(registry.secretariat, "/organisations", {**HOSPITAL, "name": {"en": text}})
            assert answer.status_code == 422, (text, answer.text)
    assert len(good) > 400
    for start in range(0, len(good), 100):
        some = good[start : start + 100]
        body: dict[str, Any] = {**HOSPITAL, "name": {"en": some[0]}}
        body |= {"capabilities": [{"en": text} for text in some], "items": [{"title": {"zh": text}} for text in some]}
        answer = await registry.post(registry.secretariat, "/organisations", body)
        assert answer.status_code == 201, answer.text
        found = (await registry.get(registry.secretariat, f"/organisations/{answer.json()['id']}")).json()
        kept = [unicodedata.normalize("NFC", text.strip()) for text in some]
        assert [capability["en"] for capability in found["capabilities"]] == kept
        assert [item["title"]["zh"] for item in found["items"]] == kept


async def test_naughty_strings_can_be_searched_for_and_signed_in_with(registry: Registry) -> None:
    for text in naughty()[::3]:
        found = await registry.get(registry.secretariat, "/organisations", q=text[:150], limit=1)
        assert found.status_code in (200, 422), (text, found.text)
    for text in naughty()[::20]:
        await registry.database.execute("DELETE FROM sign_in_attempt")
        answer = await registry.post(
            None, "/sessions", {"email": f"{unique()}@nowhere.example", "password": text or "x"}
        )
        assert answer.status_code in (401, 422), (text, answer.text)


async def test_a_password_may_be_any_text_that_is_long_enough(registry: Registry) -> None:
    made = await registry.organisation()
    for password in (
        "正确的马电池订书钉一二三",
        "with a \x00 and a \t inside",
        "🧠🔥🐴🔋📎 five things",
        " " + PASSWORD + " ",
    ):
        person = await registry.appointed(made["id"], password=password)
        assert (await registry.sign_in(person["email"], password)).status_code == 201, password
        assert (await registry.sign_in(person["email"], password + "!")).status_code == 401, password


def naughty() -> list[str]:
    return list(json.loads((ROOT / "tests/conformance/naughty-strings/blns.json").read_text("utf-8")))


async def send(registry: Registry, method: str, path: str, content: bytes, known: str | None = None) -> Any:
    """A raw request by the secretariat, with everything else in order."""
    path = path.replace("{organisation_id}", known or str(new_id())).replace("{application_id}", known or str(new_id()))
    path = path.replace("{affiliation_id}", known or str(new_id())).replace("{account_id}", known or str(new_id()))
    headers = {
        **registry.secretariat, "idempotency-key": str(new_id()), "if-match": '"1"', "content-type": "application/json"
    }  # fmt: skip
    return await registry.client.request(method, path, headers=headers, content=content)
