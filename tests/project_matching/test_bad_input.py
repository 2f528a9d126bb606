"""Everything that can be sent wrongly is answered with what is wrong, and changes nothing."""

from typing import Any
from uuid import UUID

import pytest

from common.ids import new_id
from common.vocabulary import MemberKind, MemberState, Office
from tests.project_matching.conftest import COMPLETE, PREFIX, Alliance

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title": None}, "title"),
    ({"title": "text"}, "title"),
    ({"title": {"zh": "", "en": "   "}}, "title"),
    ({"title": {"de": "Titel"}}, "title.de"),
    ({"title": {"en": "a" * 301}}, "title.en"),
    ({"title": {"en": "a\u0000b"}}, "title.en"),
    ({"problem": {"zh": "长" * 8001}}, "problem.zh"),
    ({"problem": {"zh": 7}}, "problem.zh"),
    ({"specialty": "astrology"}, "specialty"),
    ({"achievement_type": "T-01"}, "achievement_type"),
    ({"wanted": "enterprise"}, "wanted"),
    ({"wanted": ["enterprise"] * 10_000}, "wanted"),
    ({"wanted": ["nobody"]}, "wanted[0]"),
    ({"device_class": "IV"}, "device_class"),
    ({"region": ""}, "region"),
    ({"region": "x" * 61}, "region"),
    ({"disclosure": "everything"}, "disclosure"),
    ({"record": "fiction"}, "record"),
    ({"provenance": {"source": "s"}}, "provenance.licence"),
    ({"blocked_organisations": ["me"]}, "blocked_organisations[0]"),
    ({"blocked_organisations": [str(UUID(int=1))] * 101}, "blocked_organisations"),
    ({"organisation_id": 10**40}, "organisation_id"),
    ({"state": "published"}, "state"),
]


@pytest.mark.parametrize(("change", "field"), WRONG, ids=[f"{field}-{n}" for n, (_, field) in enumerate(WRONG)])
async def test_a_wrong_field_is_named_with_what_would_be_right(
    alliance: Alliance, change: dict[str, Any], field: str
) -> None:
    author = await alliance.person(await alliance.organisation())
    refusal = await alliance.post(author, "/needs", {**COMPLETE, **change})
    assert refusal.status_code == 422
    assert field in [error["field"] for error in refusal.json()["errors"]]
    assert (await alliance.get(author, "/needs", mine=True)).json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"title": NaN}',
        b"\xff\xfe",
        b'{"title": {"en": "\\ud800"}}',
        b"[" * 9000,
    ],
)
async def test_a_body_that_is_no_need_is_refused(alliance: Alliance, body: bytes) -> None:
    author = await alliance.person(await alliance.organisation())
    headers = {**author, "idempotency-key": str(new_id()), "content-type": "application/json"}
    answer = await alliance.client.post(f"{PREFIX}/needs", headers=headers, content=body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_ten_megabytes_are_too_large(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    answer = await alliance.post(author, "/needs", {**COMPLETE, "problem": {"en": "a" * 10_000_000}})
    assert answer.status_code == 413


async def test_the_longest_need_that_is_allowed_is_published(alliance: Alliance) -> None:
    author = await alliance.person(await alliance.organisation())
    long = {"zh": "难" * 8000, "en": "word " * 1599}
    texts = dict.fromkeys(("problem", "population", "outcome", "workflow_step"), long)
    need = await alliance.published(author, title={"zh": "题" * 300, "en": "t" * 300}, **texts)
    assert need["state"] == "published"


NAUGHTY = [
    "'; DROP TABLE need; --",
    "<script>alert(1)</script>",
    "Ω≈ç√∫",
    "𝕿𝖍𝖊 𝖖𝖚𝖎𝖈𝖐",
    "\u202etest\u202e",
    "🏥👩‍⚕️",
    "%s%d\\",
    "ﷺ" * 40,
]


@pytest.mark.parametrize("text", NAUGHTY)
async def test_naughty_text_comes_back_as_it_was_sent_and_is_harmless_to_search(alliance: Alliance, text: str) -> None:
    author = await alliance.person(await alliance.organisation())
    need = await alliance.published(author, title={"en": text})
    assert need["title"]["en"] == text
    assert (await alliance.get(author, "/needs", q=text)).status_code == 200


@pytest.mark.parametrize("path", ["/needs/{}", "/needs/{}/suggestions", "/suggestions/{}", "/subscriptions/{}"])
async def test_an_unknown_id_is_not_found_and_no_id_is_refused(alliance: Alliance, path: str) -> None:
    assert (await alliance.get(alliance.secretariat, path.format(new_id()))).status_code == 404
    assert (await alliance.get(alliance.secretariat, path.format("one"))).status_code == 422


@pytest.mark.parametrize(
    "query", [{"state": "secret"}, {"limit": 0}, {"limit": 10**30}, {"mine": "maybe"}, {"q": "x" * 201}]
)
async def test_a_wrong_query_is_refused(alliance: Alliance, query: dict[str, Any]) -> None:
    assert (await alliance.get(alliance.secretariat, "/needs", **query)).status_code == 422


async def test_without_a_token_nothing_is_told(alliance: Alliance) -> None:
    for path in ("/needs", f"/needs/{new_id()}", "/suggestions", "/subscriptions"):
        assert (await alliance.get({}, path)).status_code == 401
        assert (await alliance.get({"authorization": "Bearer forged"}, path)).status_code == 401


@pytest.mark.parametrize(
    ("kind", "office", "status"),
    [
        (MemberKind.hospital, Office.representative, 201),
        (MemberKind.hospital, Office.editor, 201),
        (MemberKind.hospital, Office.clinician, 201),
        (MemberKind.hospital, Office.reader, 403),
        (MemberKind.university, Office.editor, 201),
        (MemberKind.enterprise, Office.representative, 403),
        (MemberKind.partner, Office.editor, 403),
        (MemberKind.enterprise, Office.clinician, 403),
    ],
)
async def test_institutions_and_their_clinicians_post_needs(
    alliance: Alliance, kind: MemberKind, office: Office, status: int
) -> None:
    who = await alliance.person(await alliance.organisation(kind), office)
    assert (await alliance.post(who, "/needs", dict(COMPLETE))).status_code == status


async def test_a_suspended_hospital_posts_nothing(alliance: Alliance) -> None:
    who = await alliance.person(await alliance.organisation(state=MemberState.suspended))
    assert (await alliance.post(who, "/needs", dict(COMPLETE))).status_code == 403


async def test_nobody_posts_changes_or_decides_for_another_hospital(alliance: Alliance) -> None:
    hospital = await alliance.organisation()
    author = await alliance.person(hospital)
    stranger = await alliance.person(await alliance.organisation())
    assert (await alliance.post(stranger, "/needs", {**COMPLETE, "organisation_id": str(hospital)})).status_code == 404
    need = await alliance.draft(author)
    path = f"/needs/{need['id']}"
    assert (await alliance.put(stranger, path, dict(COMPLETE), '"1"')).status_code == 404
    for step in ("submit", "withdraw"):
        assert (await alliance.post(stranger, f"{path}/{step}", {} if step == "withdraw" else None)).status_code == 404
    await alliance.post(author, f"{path}/submit")
    for step in ("publish", "return"):
        body = {"reason": {"en": "x"}} if step == "return" else None
        assert (await alliance.post(author, f"{path}/{step}", body)).status_code == 403
    published = await alliance.published(author)
    assert (await alliance.post(stranger, f"/needs/{published['id']}/withdraw", {})).status_code == 403
    assert (await alliance.get(author, path)).json()["state"] == "submitted"


async def test_who_acts_for_several_hospitals_names_one(alliance: Alliance) -> None:
    first, second = await alliance.organisation(), await alliance.organisation()
    who = await alliance.person(first)
    await alliance.database.execute(
        """INSERT INTO access_affiliation SELECT $1, account_id, $2, 'editor', valid_from, NULL
           FROM access_affiliation WHERE organisation_id = $3""",
        new_id(),
        second,
        first,
    )
    refusal = await alliance.post(who, "/needs", dict(COMPLETE))
    assert (refusal.status_code, refusal.json()["code"]) == (403, "organisation_not_chosen")
    chosen = await alliance.post({**who, "alliance-organisation": str(second)}, "/needs", dict(COMPLETE))
    assert chosen.json()["organisation"]["id"] == str(second)
