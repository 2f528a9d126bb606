"""The secretariat's hand on the keys that sign tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import ConfigDict

from common.http import Api, Body, Call, View, allow
from common.vocabulary import Role
from member_registry.api.replays import seal_of
from member_registry.commands.signing_keys import rotate_signing_key

router = Api("member_registry")


class RotationBody(Body):
    """Whether the former keys may be known to somebody who should not have them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"withdraw": False}]})

    withdraw: bool = False


class SigningKeyView(View):
    """The key that signs from now on."""

    id: UUID
    jwk: dict[str, str]


@router.post("/signing-keys", status_code=201, response_model=SigningKeyView, tags=["accounts"])
async def rotate(call: Annotated[Call, allow(Role.secretariat)], body: RotationBody) -> Response:
    """A new signing key before its time; `withdraw` makes everything the former ones signed worthless at once."""
    async with call.transaction() as tx:
        key = await rotate_signing_key(tx, seal_of(call), withdraw=body.withdraw)
        response = call.respond(SigningKeyView(id=key.id, jwk=key.public_jwk), tx=tx, status=201)
    await call.state.signer.load(call.service_database)
    return response
