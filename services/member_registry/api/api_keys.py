"""Keys with which an organisation's machines sign in."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from pydantic import ConfigDict

from common.http import Api, Body, Cursor, Page, page_of
from common.repeats import Replay
from common.vocabulary import REPRESENTATIVES
from member_registry.api import replays
from member_registry.api.fields import ShortText
from member_registry.api.lists import id_after
from member_registry.api.permissions import ByRepresentatives, must_act_for
from member_registry.api.person_views import ApiKeyView
from member_registry.commands import api_keys as commands
from member_registry.store import api_keys as store
from member_registry.store.organisations import organisation

router = Api("member_registry")


class ApiKeyBody(Body):
    """What the key is for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "feed reader of the R&D department"}]})

    name: ShortText


@router.get("/organisations/{organisation_id}/api-keys", response_model=Page[ApiKeyView], tags=["machines"])
async def api_keys(
    call: ByRepresentatives,
    organisation_id: UUID,
    cursor: Annotated[Cursor, Depends()],
) -> Response:
    """All keys of an organisation, without the keys themselves."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES)
    await organisation(call.database, organisation_id)
    after = id_after(cursor)
    found = await store.api_keys(call.database, organisation_id, after, cursor.limit + 1)
    return call.respond(page_of(found, cursor, ApiKeyView.of, lambda one: [str(one.id)]))


@router.post("/organisations/{organisation_id}/api-keys", status_code=201, response_model=ApiKeyView, tags=["machines"])
async def make_api_key(
    call: ByRepresentatives,
    organisation_id: UUID,
    body: ApiKeyBody,
) -> Response:
    """A new key, shown in this answer and never again; exchange it at /token."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES)
    try:
        async with call.transaction() as tx:
            key, plain = await commands.make_api_key(tx, organisation_id, body.name, created_by=call.caller.id)
            kept = ApiKeyView.of(key, replays.sealed(call, plain))
            return call.respond(ApiKeyView.of(key, plain), tx=tx, status=201, kept=kept)
    except Replay as replay:
        kept = ApiKeyView.model_validate_json(replay.answer.body)
        return replays.again(replay, kept.model_copy(update={"key": replays.opened(call, kept.key or "")}))


@router.delete("/organisations/{organisation_id}/api-keys/{api_key_id}", status_code=204, tags=["machines"])
async def revoke_api_key(
    call: ByRepresentatives,
    organisation_id: UUID,
    api_key_id: UUID,
) -> Response:
    """Revoke a key and all tokens it was exchanged for."""
    must_act_for(call.caller, organisation_id, *REPRESENTATIVES)
    async with call.transaction() as tx:
        await commands.revoke_api_key(tx, organisation_id, api_key_id)
    return call.respond(None, status=204)
