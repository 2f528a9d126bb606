"""Applications over HTTP: anybody hands one in, the secretariat decides, nobody learns about persons."""

from typing import Any

import pytest

from common.ids import new_id
from common.testing import events_of
from tests.member_registry.conftest import PASSWORD, Registry, bearer, unique

REASON = {"zh": "请补充统一社会信用代码。", "en": "Please add the code."}


def application(**organisation: Any) -> dict[str, Any]:
    return {
        "organisation": {
            "name": {"zh": "示例器械公司（虚构）"},
            "kind": "enterprise",
            "region": "CN-35",
            "country": "CN",
            **organisation,
        },
        "representative": {
            "name": {"zh": "示例代表"},
            "email": f"{unique()}@demo.example",
            "password": PASSWORD,
            "orcid": "https://orcid.org/0000-0002-1825-0097",
            "language": "zh",
        },
    }


async def test_anybody_applies_and_signs_in_once_approved(registry: Registry) -> None:
    sent = application()
    answer = await registry.post(None, "/applications", sent)
    assert answer.status_code == 201, answer.text
    applied = answer.json()
    assert applied["state"] == "applied"
    email = sent["representative"]["email"]
    assert (await registry.sign_in(email)).status_code == 401
    approved = await registry.post(registry.secretariat, f"/applications/{applied['id']}/approve")
    assert (approved.status_code, approved.json()["state"], approved.headers["etag"]) == (200, "active", '"2"')
    answer = await registry.sign_in(email)
    assert [(o["id"], o["role"]) for o in answer.json()["organisations"]] == [
        (applied["id"], "enterprise_representative")
    ]
    assert (await registry.get(bearer(answer), f"/organisations/{applied['id']}")).status_code == 200
    names = [(version, name) for version, name, _ in await events_of(registry.database, applied["id"])]
    assert names == [(1, "organisation.applied"), (2, "organisation.admitted")]


async def test_the_secretariat_sees_what_waits_oldest_first(registry: Registry) -> None:
    sent = application(uscc="91420000737944946L", kind="hospital")
    first = (await registry.post(None, "/applications", sent)).json()
    second = (await registry.post(None, "/applications", application())).json()
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await registry.get(registry.secretariat, "/applications", state="applied", limit=2, **cursor)).json()
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    ids = [one["id"] for one in found]
    assert ids.index(first["id"]) < ids.index(second["id"])
    line = found[ids.index(first["id"])]
    assert line["representative"] == {
        "email": sent["representative"]["email"],
        "name": {"zh": "示例代表", "en": None},
        "language": "zh",
        "orcid": "0000-0002-1825-0097",
    }
    assert line["organisation"]["uscc"] == "91420000737944946L"
    assert line["organisation"]["warnings"][0]["field"] == "uscc"


async def test_an_applicant_learns_the_reason_of_a_return(registry: Registry) -> None:
    applied = (await registry.post(None, "/applications", application())).json()
    await registry.post(registry.secretariat, f"/applications/{applied['id']}/return", {"reason": REASON})
    found = (await registry.get(None, f"/applications/{applied['id']}")).json()
    assert (found["state"], found["reason"]) == ("returned", REASON)


async def test_the_state_of_an_application_tells_nothing_about_a_member(registry: Registry) -> None:
    made = await registry.organisation(uscc=None)
    await registry.post(
        registry.secretariat, f"/organisations/{made['id']}/state", {"state": "suspended", "reason": REASON}
    )
    found = (await registry.get(None, f"/applications/{made['id']}")).json()
    assert found == {"id": made["id"], "state": "approved", "reason": None, "warnings": []}


async def test_an_application_is_nobodys_business(registry: Registry) -> None:
    applied = (await registry.post(None, "/applications", application())).json()
    outsider = await registry.person((await registry.organisation())["id"])
    assert (await registry.get(outsider, f"/organisations/{applied['id']}")).status_code == 404
    listed = await registry.get(registry.secretariat, "/organisations", q="示例器械公司", limit=100)
    assert applied["id"] not in [item["id"] for item in listed.json()["items"]]


async def test_a_decision_is_made_once(registry: Registry) -> None:
    applied = (await registry.post(None, "/applications", application())).json()
    path = f"/applications/{applied['id']}"
    assert (await registry.post(registry.secretariat, f"{path}/approve")).status_code == 200
    assert (await registry.post(registry.secretariat, f"{path}/approve")).status_code == 409
    assert (await registry.post(registry.secretariat, f"{path}/return", {"reason": REASON})).status_code == 409
    assert (await registry.post(registry.secretariat, f"/applications/{new_id()}/approve")).status_code == 404


async def test_a_code_somebody_took_meanwhile_stops_the_approval_and_nothing_is_half_done(registry: Registry) -> None:
    sent = application(ror="03k0md330")
    applied = (await registry.post(None, "/applications", sent)).json()
    await registry.organisation(ror="03k0md330")
    answer = await registry.post(registry.secretariat, f"/applications/{applied['id']}/approve")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "ror")
    assert (await registry.sign_in(sent["representative"]["email"])).status_code == 401
    assert (await registry.get(None, f"/applications/{applied['id']}")).json()["state"] == "applied"


@pytest.mark.parametrize(
    ("part", "field", "value", "code"),
    [
        ("organisation", "uscc", "91420000737944946M", "uscc_check"),
        ("organisation", "uscc", "123", "uscc_form"),
        ("organisation", "ror", "02mp31p97", "ror_check"),
        ("organisation", "kind", "bakery", "enum"),
        ("organisation", "website", "javascript:alert(1)", "url_parsing"),
        ("organisation", "region", "Beijing", "region_form"),
        ("organisation", "country", "china", "country_form"),
        ("organisation", "state", "active", "extra_forbidden"),
        ("representative", "orcid", "0000-0002-1825-0098", "orcid_check"),
        ("representative", "email", "nobody", "email_form"),
        ("representative", "email", "a\x00@demo.example", "control_character"),
        ("representative", "password", "short", "password_length"),
        ("representative", "password", "password1234", "password_guessable"),
        ("representative", "language", "fr", "literal_error"),
        ("representative", "secretariat", True, "extra_forbidden"),
    ],
)
async def test_a_wrong_field_is_named_with_reason_and_remedy(
    registry: Registry, part: str, field: str, value: Any, code: str
) -> None:
    sent = application()
    sent[part][field] = value
    answer = await registry.post(None, "/applications", sent)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == (f"{part}.{field}", code)
    assert error["message"]
    assert error["remedy"]
    chinese = await registry.post(None, "/applications", sent, **{"accept-language": "zh"})
    assert chinese.json()["errors"][0]["message"] != error["message"]


async def test_passwords_are_never_told_back(registry: Registry) -> None:
    sent = application(kind="bakery")
    answer = await registry.post(None, "/applications", sent)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text
