"""Requests whose JSON is read as the standard says, and not more leniently."""

import json
from typing import Any

import orjson
from starlette.requests import Request


class StrictRequest(Request):
    """`json()` accepts exactly RFC 8259 in UTF-8; what it refuses becomes 400 `malformed_json`."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise json.JSONDecodeError(error.msg, "", 0) from None
