"""People of an organisation and keys of its machines over HTTP: made, shown once, ended; never somebody else's."""

from typing import Any

import pytest

from common.ids import new_id
from common.testing import until
from common.vocabulary import Office
from tests.member_registry.conftest import PASSWORD, PREFIX, Registry, bearer, unique


def appointment(**more: Any) -> dict[str, Any]:
    return {"name": {"zh": "某人"}, "email": f"{unique()}@demo.example", "office": "editor", **more}


async def test_a_representative_invites_and_the_invited_person_works_for_the_organisation(registry: Registry) -> None:
    made = await registry.organisation()
    representative = await registry.person(made["id"])
    sent = appointment(language="en", orcid="0000-0002-1825-0097")
    answer = await registry.post(representative, f"/organisations/{made['id']}/people", sent)
    assert answer.status_code == 201, answer.text
    person = answer.json()
    assert (person["office"], person["invited"], person["new_account"]) == ("editor", True, True)
    assert (await registry.sign_in(sent["email"])).status_code == 401
    accepted = await registry.post(
        None, "/invitations/accept", {"code": person["invitation"]["code"], "password": PASSWORD}
    )
    assert accepted.status_code == 201, accepted.text
    listed = await registry.get(bearer(accepted), f"/organisations/{made['id']}/people")
    (found,) = [one for one in listed.json()["items"] if one["id"] == person["id"]]
    assert (found["email"], found["invited"], found["valid_until"]) == (sent["email"], False, None)
    assert (await registry.sign_in(sent["email"])).status_code == 201
    again = await registry.post(
        None, "/invitations/accept", {"code": person["invitation"]["code"], "password": PASSWORD}
    )
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "code_invalid")


async def test_an_invitation_is_told_again_to_whoever_repeats_the_request_but_not_kept(registry: Registry) -> None:
    made = await registry.organisation()
    representative = await registry.person(made["id"])
    key, sent = str(new_id()), appointment()
    path = f"/organisations/{made['id']}/people"
    first = await registry.post(representative, path, sent, key=key)
    second = await registry.post(representative, path, sent, key=key)
    assert first.content == second.content
    assert not await _kept(registry, first.json()["invitation"]["code"])


async def test_an_account_that_is_known_gets_an_office_and_keeps_its_name_and_password(registry: Registry) -> None:
    first, second = await registry.organisation(), await registry.organisation(kind="enterprise")
    person = await registry.appointed(first["id"])
    sent = appointment(email=person["email"], password="another password entirely")
    answer = await registry.post(registry.secretariat, f"/organisations/{second['id']}/people", sent)
    assert answer.status_code == 201
    assert (answer.json()["new_account"], answer.json()["name"]["en"]) == (False, "Example Person")
    assert answer.json()["invitation"] is None
    organisations = (await registry.sign_in(person["email"])).json()["organisations"]
    assert [(o["id"], o["role"]) for o in organisations] == [
        (first["id"], "institution_representative"),
        (second["id"], "enterprise_editor"),
    ]
    assert (await registry.sign_in(person["email"], "another password entirely")).status_code == 401


async def test_the_same_office_is_not_given_twice(registry: Registry) -> None:
    made = await registry.organisation()
    person = await registry.appointed(made["id"], office="editor")
    sent = appointment(email=person["email"])
    answer = await registry.post(registry.secretariat, f"/organisations/{made['id']}/people", sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "office_taken")


async def test_the_end_of_an_office_closes_access_and_stays_in_the_record(registry: Registry) -> None:
    made = await registry.organisation()
    person = await registry.appointed(made["id"], office="editor")
    who = bearer(await registry.sign_in(person["email"]))
    path = f"/organisations/{made['id']}/people"

    async def may(status: int) -> bool:
        return (await registry.get(who, path)).status_code == status

    await until(lambda: may(200))
    representative = await registry.person(made["id"])
    ended = await registry.post(representative, f"{path}/{person['id']}/end")
    assert ended.status_code == 200
    assert ended.json()["valid_until"] is not None
    await until(lambda: may(403), timeout=2)
    present = (await registry.get(registry.secretariat, path)).json()["items"]
    former = (await registry.get(registry.secretariat, path, former=True)).json()["items"]
    assert person["id"] not in [one["id"] for one in present]
    assert person["id"] in [one["id"] for one in former]
    assert (await registry.post(representative, f"{path}/{person['id']}/end")).status_code == 409


@pytest.mark.parametrize("office", [Office.editor, Office.clinician, Office.reader])
async def test_only_representatives_appoint_people_and_make_keys(registry: Registry, office: Office) -> None:
    made = await registry.organisation()
    who = await registry.person(made["id"], office)
    path = f"/organisations/{made['id']}"
    assert (await registry.post(who, f"{path}/people", appointment())).status_code == 403
    assert (await registry.post(who, f"{path}/people/{new_id()}/end")).status_code == 403
    assert (await registry.post(who, f"{path}/people/{new_id()}/invitation")).status_code == 403
    assert (await registry.post(who, f"{path}/api-keys", {"name": "x"})).status_code == 403
    assert (await registry.get(who, f"{path}/api-keys")).status_code == 403
    listing = 200 if office is Office.editor else 403
    assert (await registry.get(who, f"{path}/people")).status_code == listing


async def test_nothing_of_another_organisation_is_there(registry: Registry) -> None:
    mine, other = await registry.organisation(), await registry.organisation()
    who = await registry.person(mine["id"])
    person = await registry.appointed(other["id"])
    key = (await registry.post(registry.secretariat, f"/organisations/{other['id']}/api-keys", {"name": "x"})).json()
    path = f"/organisations/{other['id']}"
    assert (await registry.get(who, f"{path}/people")).status_code == 404
    assert (await registry.get(who, f"{path}/api-keys")).status_code == 404
    assert (await registry.post(who, f"{path}/people", appointment())).status_code == 404
    assert (await registry.post(who, f"{path}/people/{person['id']}/end")).status_code == 404
    assert (await registry.post(who, f"{path}/api-keys", {"name": "x"})).status_code == 404
    assert (await registry.delete(who, f"{path}/api-keys/{key['id']}")).status_code == 404
    crossed = f"/organisations/{mine['id']}"
    assert (await registry.post(who, f"{crossed}/people/{person['id']}/end")).status_code == 404
    assert (await registry.delete(who, f"{crossed}/api-keys/{key['id']}")).status_code == 404
    for nowhere in (f"/organisations/{new_id()}/people", f"/organisations/{new_id()}/api-keys"):
        assert (await registry.get(registry.secretariat, nowhere)).status_code == 404


async def test_a_key_is_shown_once_exchanged_for_tokens_and_worth_nothing_when_revoked(registry: Registry) -> None:
    made = await registry.organisation()
    who = await registry.person(made["id"])
    path, request = f"/organisations/{made['id']}/api-keys", str(new_id())
    answer = await registry.post(who, path, {"name": "feed reader"}, key=request)
    again = await registry.post(who, path, {"name": "feed reader"}, key=request)
    assert answer.status_code == 201
    assert answer.content == again.content
    key = answer.json()
    assert not await _kept(registry, key["key"])
    (listed,) = (await registry.get(who, path)).json()["items"]
    assert listed["key"] is None
    assert key["key"].startswith(listed["prefix"])
    token = await exchange(registry, key["id"], key["key"])
    assert token.status_code == 200
    assert token.json()["token_type"] == "Bearer"
    machine = {"authorization": f"Bearer {token.json()['access_token']}"}

    async def known() -> bool:
        """The key may still be on its way to the registry's own copy of rights."""
        return (await registry.get(machine, "/me")).status_code == 200

    await until(known)
    me = (await registry.get(machine, "/me")).json()
    assert (me["account"], me["organisations"][0]["role"]) == (None, "service")
    assert (await registry.get(machine, "/organisations")).status_code == 200
    assert (await registry.get(machine, path)).status_code == 403
    assert (await registry.get(who, path)).json()["items"][0]["last_used_at"] is not None
    assert (await registry.delete(who, f"{path}/{key['id']}")).status_code == 204

    async def refused() -> bool:
        return (await registry.get(machine, "/me")).status_code == 401

    await until(refused, timeout=2)
    assert (await exchange(registry, key["id"], key["key"])).status_code == 401
    assert (await registry.delete(who, f"{path}/{key['id']}")).status_code == 404


async def test_a_client_may_identify_itself_by_http_basic(registry: Registry) -> None:
    made = await registry.organisation()
    key = (await registry.post(registry.secretariat, f"/organisations/{made['id']}/api-keys", {"name": "x"})).json()
    answer = await registry.client.post(
        f"{PREFIX}/token", data={"grant_type": "client_credentials"}, auth=(key["id"], key["key"])
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("client", ["", "x", "00000000-0000-0000-0000-000000000000", "\x00"])
@pytest.mark.parametrize("secret", ["", "ah_x", "é"])
async def test_a_wrong_key_is_refused_as_oauth_says(registry: Registry, client: str, secret: str) -> None:
    answer = await exchange(registry, client, secret)
    assert answer.status_code == 401
    assert (answer.json()["error"], answer.json()["code"]) == ("invalid_client", "invalid_client")
    assert "www-authenticate" in answer.headers


async def test_a_grant_of_another_type_is_refused(registry: Registry) -> None:
    answer = await registry.client.post(f"{PREFIX}/token", data={"grant_type": "password"})
    assert answer.status_code == 422


async def test_an_organisation_has_a_limited_number_of_keys(registry: Registry) -> None:
    made = await registry.organisation()
    path = f"/organisations/{made['id']}/api-keys"
    for number in range(50):
        assert (await registry.post(registry.secretariat, path, {"name": f"{number}"})).status_code == 201
    answer = await registry.post(registry.secretariat, path, {"name": "one more"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_api_keys")


async def test_the_secretariat_opens_and_closes_accounts_but_not_its_own(registry: Registry) -> None:
    email = f"{unique()}@demo.example"
    sent = {"name": {"en": "Second"}, "email": email, "password": PASSWORD, "secretariat": True}
    opened = await registry.post(registry.secretariat, "/accounts", sent)
    assert (opened.status_code, opened.json()["secretariat"]) == (201, True)
    assert (await registry.post(registry.secretariat, "/accounts", sent)).json()["code"] == "account_exists"
    who = bearer(await registry.sign_in(email))
    path = f"/accounts/{opened.json()['id']}"
    assert (await registry.post(who, f"{path}/close")).json()["code"] == "own_account"
    assert (await registry.post(who, f"{path}/secretariat", {"secretariat": False})).json()["code"] == "own_account"
    taken = await registry.post(registry.secretariat, f"{path}/secretariat", {"secretariat": False})
    assert taken.json()["secretariat"] is False

    async def lost() -> bool:
        return (await registry.get(who, "/applications")).status_code == 403

    await until(lost, timeout=2)
    assert (await registry.post(registry.secretariat, f"/accounts/{new_id()}/close")).status_code == 404


async def test_an_account_without_a_password_is_opened_with_an_invitation(registry: Registry) -> None:
    sent = {"name": {"en": "Second"}, "email": f"{unique()}@demo.example"}
    key = str(new_id())
    opened = await registry.post(registry.secretariat, "/accounts", sent, key=key)
    again = await registry.post(registry.secretariat, "/accounts", sent, key=key)
    assert opened.content == again.content
    code = opened.json()["invitation"]["code"]
    assert not await _kept(registry, code)
    accepted = await registry.post(None, "/invitations/accept", {"code": code, "password": PASSWORD})
    assert accepted.status_code == 201


async def exchange(registry: Registry, client: str, secret: str) -> Any:
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    return await registry.client.post(f"{PREFIX}/token", data=form)


async def _kept(registry: Registry, secret: str) -> bool:
    """Whether a secret stands anywhere in the remembered answers or in the events."""
    return bool(
        await registry.database.fetch_value(
            """SELECT EXISTS (SELECT FROM idempotency_key WHERE position($1::text IN convert_from(body, 'UTF8')) > 0)
                   OR EXISTS (SELECT FROM published WHERE position($1::text IN payload) > 0)""",
            secret,
        )
    )
