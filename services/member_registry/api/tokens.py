"""API keys exchanged for tokens (OAuth 2.0 client credentials), and the public keys that tokens are checked with."""

import base64
import binascii
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Form, Response
from pydantic import ConfigDict, Field, SecretStr

from common.auth.tokens import LIFETIME
from common.errors import NotSignedIn
from common.http import Api, Body, Call, View, public
from common.http.problems import problem
from common.text import Bilingual
from member_registry.commands.api_keys import recognised
from member_registry.store import api_keys

router = Api("member_registry")


class TokenForm(Body):
    """RFC 6749 section 4.4; the client may also identify itself by HTTP Basic."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "grant_type": "client_credentials",
                    "client_id": "01a20200-f87e-7af5-9921-916a66f6d6cb",
                    "client_secret": "ah_...",
                }
            ]
        },
    )

    grant_type: Literal["client_credentials"]
    client_id: Annotated[str, Field(max_length=100)] | None = None
    client_secret: Annotated[SecretStr, Field(max_length=200)] | None = None
    scope: Annotated[str, Field(max_length=1000)] | None = None


class TokenView(View):
    """RFC 6749 section 5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = LIFETIME


class KeySetView(View):
    """RFC 7517."""

    keys: list[dict[str, str]]


@router.post("/token", response_model=TokenView, tags=["machines"])
async def exchange_api_key(
    call: Annotated[Call, public(remember=False)], form: Annotated[TokenForm, Form()]
) -> Response:
    """A token for a machine: client_id is the key's id, client_secret the key."""
    api_key_id, secret = _credentials(call, form)
    if api_key_id is None or not await recognised(call.service_database, api_key_id, secret):
        return _refused(call)
    now = call.database.clock()
    await api_keys.note_use(call.service_database, api_key_id, now)
    token = call.state.signer.token(api_key_id, session_id=api_key_id, machine=True, now=now)
    response = call.respond(TokenView(access_token=token))
    response.headers["cache-control"] = "no-store"
    return response


@router.get("/jwks.json", response_model=KeySetView, tags=["machines"])
async def public_keys(call: Annotated[Call, public()]) -> Response:
    """The keys that check tokens, for programs outside; the services get them as events."""
    response = call.respond(KeySetView(keys=call.state.signer.public_keys()))
    response.headers["cache-control"] = "public, max-age=60"
    return response


def _credentials(call: Call, form: TokenForm) -> tuple[UUID | None, str]:
    name, secret = form.client_id or "", form.client_secret.get_secret_value() if form.client_secret else ""
    scheme, _, packed = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None, ""
    try:
        return UUID(name), secret
    except ValueError:
        return None, ""


def _refused(call: Call) -> Response:
    """A problem that also is the error answer of RFC 6749 section 5.2."""
    error = NotSignedIn(
        Bilingual(zh="密钥无效或已吊销。", en="The key is not valid, or no longer."), code="invalid_client"
    )
    response = problem(error, call.language, getattr(call.request.state, "request_id", "-"))
    body: dict[str, Any] = {**orjson.loads(response.body), "error": "invalid_client"}
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(orjson.dumps(body), status_code=response.status_code, headers=headers)
