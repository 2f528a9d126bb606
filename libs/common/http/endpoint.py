"""An endpoint called straight from a request: what FastAPI read from its signature, without FastAPI's layers."""

import inspect
from collections.abc import Iterator
from email.message import Message
from functools import lru_cache
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.params import Body
from fastapi.routing import APIRoute
from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from common.http.problems import answer_to
from common.http.strict import StrictRequest


class Endpoint:
    """Answers the requests of one route as FastAPI would (decision 0020).

    FastAPI reads the signature once and writes the documents from it; here each request's parameters, its body and
    what the endpoint depends on are found and checked with FastAPI's own functions, in its order. What it depends on is
    made on the event loop and not in a thread. `callable_straight` says which routes this is for.
    """

    def __init__(self, route: APIRoute) -> None:
        self._dependant = route.dependant

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = StrictRequest(scope, receive)
        try:
            response = await self._answer(request)
        except Exception as error:
            response = await answer_to(request, error)
        await response(scope, receive, send)

    async def _answer(self, request: StrictRequest) -> Response:
        body = await _body_of(request) if self._dependant.body_params else None
        values, errors = await _solved(self._dependant, request, body)
        if errors:
            raise RequestValidationError(errors)
        assert self._dependant.call is not None
        return await self._dependant.call(**values)  # type: ignore[no-any-return]


async def _solved(dependant: Dependant, request: StrictRequest, body: Any) -> tuple[dict[str, Any], list[Any]]:
    """What this asks for, by name, and what is wrong with it; nothing is made of parameters that are wrong."""
    values: dict[str, Any] = {}
    errors: list[Any] = []
    for inner in dependant.dependencies:
        given, wrong = await _solved(inner, request, body)
        errors += wrong
        if not wrong and inner.call is not None and inner.name is not None:
            made = inner.call(**given)
            values[inner.name] = await made if inspect.isawaitable(made) else made
    for fields, source in ((dependant.path_params, "path_params"), (dependant.query_params, "query_params")):
        if fields:
            found, wrong = request_params_to_args(fields, getattr(request, source))
            values |= found
            errors += wrong
    for field in dependant.body_params:
        if body is PydanticUndefined:
            found, wrong = await request_body_to_args([field], body, embed_body_fields=False)
        else:
            checked, wrong = field.validate(body, loc=("body",))
            found = {field.name: checked}
        values |= found
        errors += wrong
    if dependant.request_param_name:
        values[dependant.request_param_name] = request
    return values, errors


async def _body_of(request: StrictRequest) -> Any:
    """The JSON sent, the bytes of anything else, PydanticUndefined for nothing."""
    try:
        body = await request.body()
        if body and _is_json(request.headers.get("content-type", "")):
            return await request.json()
    except HTTPException:
        raise
    except Exception as error:
        raise HTTPException(400) from error
    return body or PydanticUndefined


@lru_cache(100)
def _is_json(content_type: str) -> bool:
    message = Message()
    message["content-type"] = content_type
    kind, _, subtype = message.get_content_type().partition("/")
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))


def callable_straight(route: APIRoute) -> bool:
    """Whether an `Endpoint` gives this endpoint all that it asks for; FastAPI serves the others (a form, a header)."""
    signature = inspect.signature(route.endpoint)
    answers = inspect.iscoroutinefunction(route.endpoint) and signature.return_annotation is Response
    return answers and not any(map(_asks_for_more, _all(route.dependant)))


_MORE = (
    "header_params", "cookie_params", "websocket_param_name", "http_connection_param_name", "response_param_name",
    "background_tasks_param_name", "security_scopes_param_name", "concurrency",
)  # fmt: skip


def _asks_for_more(dependant: Dependant) -> bool:
    several = len(dependant.body_params) > 1
    embedded = any(type(field.field_info) is not Body or field.field_info.embed for field in dependant.body_params)
    to_be_closed = inspect.isgeneratorfunction(dependant.call) or inspect.isasyncgenfunction(dependant.call)
    return several or embedded or to_be_closed or any(getattr(dependant, name) for name in _MORE)


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _all(inner)
