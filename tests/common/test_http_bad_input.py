"""What comes from outside and is not what was asked for: JSON suites, naughty strings, sizes."""

import base64
import gzip
import json
import unicodedata
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import ClientDisconnect, Request

from common.http.problems import answer_to
from deploy.services import ROOT
from tests.common.notes import key


async def test_json_is_read_exactly_as_the_standard_says(client: httpx.AsyncClient, editor: dict[str, str]) -> None:
    with gzip.open(ROOT / "tests/conformance/json-parsing/cases.jsonl.gz", "rt", encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    wrong: list[tuple[str, int]] = []
    for case in cases:
        body = base64.b64decode(case["base64"])
        answer = await client.post(
            "/api/feeds/v1/notes", content=body, headers=editor | key() | {"content-type": "application/json"}
        )
        allowed = {"accept": {422}, "reject": {400} if body else {422}, "either": {400, 422}}[case["expect"]]
        if answer.status_code not in allowed:
            wrong.append((case["name"], answer.status_code))
    assert len(cases) == 318
    assert wrong == []


async def test_naughty_strings_are_kept_whole_or_refused_with_a_reason(
    client: httpx.AsyncClient, editor: dict[str, str]
) -> None:
    strings = json.loads((ROOT / "tests/conformance/naughty-strings/blns.json").read_text(encoding="utf-8"))
    for naughty in strings:
        answer = await client.post("/api/feeds/v1/notes", json={"title": {"en": naughty}}, headers=editor | key())
        if answer.status_code == 201:
            assert answer.json()["title"]["en"].split() == unicodedata.normalize("NFC", naughty).split()
        else:
            assert (answer.status_code, answer.json()["errors"][0]["code"]) in [
                (422, "text_required"),
                (422, "control_character"),
                (422, "string_too_long"),
            ]


@pytest.mark.parametrize("body", [b'{"title":{"en":"\\ud800"}}', b'{"title":{"en":"a\\u0000b"}}', b"[" * 100_000])
async def test_surrogates_nul_and_depth_are_refused(
    client: httpx.AsyncClient, editor: dict[str, str], body: bytes
) -> None:
    answer = await client.post(
        "/api/feeds/v1/notes", content=body, headers=editor | key() | {"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)


async def test_ten_megabytes_are_refused_however_they_come(client: httpx.AsyncClient, editor: dict[str, str]) -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"x" * 65_536

    for content in (b"x" * 10_485_760, drip()):
        answer = await client.post(
            "/api/feeds/v1/notes", content=content, headers=editor | key() | {"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_caller_who_leaves_before_the_body_has_come_is_no_error_of_ours(
    capfd: pytest.CaptureFixture[str],
) -> None:
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": []})
    answer = await answer_to(request, ClientDisconnect())
    assert answer.status_code == 499
    assert "unexpected_error" not in "".join(capfd.readouterr())
