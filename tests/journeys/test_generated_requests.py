"""Requests generated from every service's own OpenAPI document: never a server error, never an undocumented answer.

`ALLIANCE_EXAMPLES=1000 make test ARGS="-k generated"` tries as many requests an operation; 20 are the default.
"""

import asyncio
import os
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from common.ids import new_id
from deploy.services import behind_the_entrance
from tests.journeys.building import organisation, person
from tests.journeys.conftest import Alliance, Person

EXAMPLES = int(os.environ.get("ALLIANCE_EXAMPLES", "20"))
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
HARMFUL = ("/sessions/current", "/me/password", "/signing-keys", "/close")
"""Operations that would end the very sign-in the requests are made with; they have tests of their own."""


@pytest.mark.timeout(max(600, 60 * EXAMPLES))
@pytest.mark.parametrize("service", [service.name for service in behind_the_entrance()])
async def test_no_generated_request_meets_a_server_error(alliance: Alliance, service: str) -> None:
    secretariat = await alliance.secretariat()
    name = new_id().hex[-12:]
    hospital = await organisation(secretariat, "hospital", f"虚构医院{name}", f"Fictional hospital {name}")
    doctor = await person(alliance, secretariat, hospital, f"generated-{name}")
    document = (await alliance.client.get(f"/api/{service}/openapi.json")).json()
    tried = 0
    for who in (secretariat, doctor):
        tried += await asyncio.to_thread(_try_all, alliance.url, document, who)
    assert tried > len(document["paths"]) * EXAMPLES / 2


def _try_all(url: str, document: dict[str, Any], who: Person) -> int:
    schema = schemathesis.openapi.from_dict(document)
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # an invalid document fails here
        if operation.path.endswith(HARMFUL):
            continue

        @hypothesis.settings(
            max_examples=EXAMPLES // 2,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def one(case: Any) -> None:
            nonlocal tried
            tried += 1
            given = {**(case.headers or {}), **who.headers()}
            if "Idempotency-Key" in given:
                given["Idempotency-Key"] = str(new_id())
            if case.query and "wait" in case.query:
                case.query["wait"] = 0  # seconds a long poll would wait
            answer = case.call(base_url=url, headers=given)
            case.validate_response(answer, checks=CHECKS)

        one()
    return tried
