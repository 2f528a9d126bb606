"""HTTP as every service speaks it, on a small service of its own over real PostgreSQL."""

import asyncio
import base64
from typing import Annotated

import httpx
import pytest
from fastapi import Response

from common.database import Database
from common.http import Api, Call, signed_in
from common.http.api import UndeclaredPermission
from common.ids import new_id
from common.service import Running, Service
from common.testing import People, opened
from common.vocabulary import MemberKind, MemberState, Office
from tests.common.notes import GOOD, key, notes
from tests.conftest import Servers


class Loading:
    """A part that is started long before it can do its work."""

    ready = False

    async def start(self, running: Running) -> None:
        pass

    async def stop(self) -> None:
        pass


async def test_a_post_is_answered_with_version_and_place(client: httpx.AsyncClient, editor: dict[str, str]) -> None:
    answer = await client.post("/api/feeds/v1/notes", json=GOOD, headers=editor | key())
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert answer.headers["location"] == f"/notes/{answer.json()['id']}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await client.get(f"/api/feeds/v1{answer.headers['location']}", headers=editor)
    assert again.json() == answer.json()


async def test_the_same_key_gets_the_same_answer_also_at_once(
    client: httpx.AsyncClient, editor: dict[str, str]
) -> None:
    headers = editor | key()
    answers = await asyncio.gather(*(client.post("/api/feeds/v1/notes", json=GOOD, headers=headers) for _ in range(8)))
    assert {(a.status_code, a.content, a.headers["etag"]) for a in answers} == {
        (201, answers[0].content, '"1"'),
    }
    other = await client.post("/api/feeds/v1/notes", json={"title": {"zh": "别的"}}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_post_without_a_key_is_refused_with_the_remedy(
    client: httpx.AsyncClient, editor: dict[str, str]
) -> None:
    answer = await client.post("/api/feeds/v1/notes", json=GOOD, headers=editor)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


async def test_each_wrong_field_is_named_with_reason_and_remedy_in_the_callers_language(
    client: httpx.AsyncClient, editor: dict[str, str]
) -> None:
    wrong = {"title": {"zh": " "}, "specialty": "astrology", "tags": ["x"] * 21, "count": -1, "more": 1}
    for language, remedy in (("en", "at least 0"), ("zh-CN,zh;q=0.9,en;q=0.1", "应不小于 0")):
        answer = await client.post(
            "/api/feeds/v1/notes", json=wrong, headers=editor | key() | {"accept-language": language}
        )
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        fields = {error["field"]: error for error in answer.json()["errors"]}
        assert set(fields) == {"title", "specialty", "tags", "count", "more"}
        assert fields["count"]["remedy"] == remedy


async def test_a_change_names_the_version_it_changes(client: httpx.AsyncClient, editor: dict[str, str]) -> None:
    place = (await client.post("/api/feeds/v1/notes", json=GOOD, headers=editor | key())).headers["location"]
    url = f"/api/feeds/v1{place}"
    assert (await client.put(url, json=GOOD, headers=editor)).status_code == 428
    assert (await client.put(url, json=GOOD, headers=editor | {"if-match": '"9"'})).status_code == 412
    assert (await client.put(url, json=GOOD, headers=editor | {"if-match": "W/nonsense"})).status_code == 412
    changed = await client.put(url, json=GOOD, headers=editor | {"if-match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await client.put(url, json=GOOD, headers=editor | {"if-match": '"1"'})).status_code == 412


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_signed_in"),
        ({"authorization": "Bearer nonsense"}, "token_invalid"),
        ({"authorization": "Basic abc"}, "token_invalid"),
        ({"authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}, "token_invalid"),
    ],
)
async def test_without_a_good_token_nothing_is_open(
    client: httpx.AsyncClient, headers: dict[str, str], code: str
) -> None:
    answer = await client.get(f"/api/feeds/v1/notes/{new_id()}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_rights_follow_the_office_the_kind_and_the_standing(
    client: httpx.AsyncClient, database: Database
) -> None:
    people = People(database)
    hospital, suspended = await people.organisation(), await people.organisation(state=MemberState.suspended)
    enterprise = await people.organisation(MemberKind.enterprise)
    expected = [
        (await people.account(hospital, Office.editor), 201),
        (await people.account(hospital, Office.reader), 403),
        (await people.account(enterprise, Office.editor), 403),
        (await people.account(suspended, Office.editor), 403),
        (await people.account(), 403),
        (await people.account(secretariat=True), 201),
    ]
    for headers, status in expected:
        assert (await client.post("/api/feeds/v1/notes", json=GOOD, headers=headers | key())).status_code == status


async def test_a_lost_membership_closes_access_within_a_second(client: httpx.AsyncClient, database: Database) -> None:
    people = People(database)
    hospital = await people.organisation()
    headers = await people.account(hospital, Office.editor)
    assert (await client.post("/api/feeds/v1/notes", json=GOOD, headers=headers | key())).status_code == 201
    await database.execute("UPDATE access_organisation SET state = 'suspended' WHERE organisation_id = $1", hospital)
    await asyncio.sleep(0.9)
    assert (await client.post("/api/feeds/v1/notes", json=GOOD, headers=headers | key())).status_code == 403


async def test_lists_come_in_pages_and_a_wrong_cursor_is_named(
    client: httpx.AsyncClient, editor: dict[str, str]
) -> None:
    for _ in range(5):
        await client.post("/api/feeds/v1/notes", json=GOOD, headers=editor | key())
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = (
            await client.get("/api/feeds/v1/notes", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [note["id"] for note in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == sorted(str(note_id) for note_id in notes)
    for wrong in ("%%%", "bm90IGpzb24", base64.urlsafe_b64encode(b"[[1]]").decode()):
        answer = await client.get("/api/feeds/v1/notes", params={"cursor": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


async def test_what_nobody_expected_is_a_problem_without_details(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/feeds/v1/broken", headers={"x-request-id": "request-12345"})
    assert (answer.status_code, answer.json()["request_id"]) == (500, "request-12345")
    assert "secret" not in answer.text


async def test_unknown_paths_and_methods_are_problems_too(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/feeds/v1/nowhere")).json()["code"] == "not_found"
    refused = await client.delete("/api/feeds/v1/notes")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")


async def test_documentation_comes_without_internet(client: httpx.AsyncClient) -> None:
    page = await client.get("/api/feeds/docs")
    assert "http" not in page.text.replace("http-equiv", "")
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert (await client.get(f"/api/feeds/docs/{asset}")).status_code == 200
    document = (await client.get("/api/feeds/openapi.json")).json()
    post = document["paths"]["/api/feeds/v1/notes"]["post"]
    assert "Idempotency-Key" in [parameter["name"] for parameter in post["parameters"]]
    assert post["x-roles"] == ["institution_editor", "secretariat"]


async def test_health_and_figures_are_open(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"live": True}
    assert (await client.get("/health/ready")).json()["parts"]["database"] is True
    assert "alliance_outbox_rows" in (await client.get("/metrics")).text


async def test_a_service_is_ready_only_when_a_part_that_takes_time_is(servers: Servers) -> None:
    loading = Loading()
    service = Service(name="feeds", title="Notes", parts=[("loading", loading)], follows_access=False)
    async with opened(service.app(servers.settings("feeds"))) as client:
        early = await client.get("/health/ready")
        assert (early.status_code, early.json()["parts"]["loading"]) == (503, False)
        loading.ready = True
        assert (await client.get("/health/ready")).status_code == 200


def test_a_route_without_a_permission_does_not_start() -> None:
    api = Api("feeds")
    with pytest.raises(UndeclaredPermission):

        @api.get("/open")
        async def open_to_all() -> Response:
            return Response()


def test_a_route_that_names_a_thing_says_whose_it_may_be() -> None:
    api = Api("feeds")
    with pytest.raises(UndeclaredPermission, match="whose"):

        @api.get("/things/{thing_id}")
        async def thing(call: Annotated[Call, signed_in()], thing_id: str) -> Response:
            return Response()
