"""Errors as problem details (RFC 9457), with a stable code and a text in the caller's language."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from common.database import DATABASE_FAULTS, RETRYABLE
from common.errors import (
    AllianceError,
    Conflict,
    FieldError,
    InvalidInput,
    MalformedRequest,
    NotFound,
    TooLarge,
    Unavailable,
)
from common.http.call import answered, language_of
from common.http.validation import field_error
from common.repeats import Replay
from common.telemetry import log
from common.text import Bilingual, Language

MEDIA_TYPE = "application/problem+json"

_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": ["string", "null"]},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "remedy": {"type": ["string", "null"]},
                },
            },
        },
    },
}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
    for status, text in {
        400: "The request is malformed",
        401: "Not signed in",
        403: "Not allowed",
        404: "Not found, or not for this caller",
        409: "The present state does not allow this",
        412: "Somebody else has changed this",
        413: "Too large",
        422: "Some fields are not right",
        428: "If-Match is missing",
        429: "Too many requests",
        503: "Temporarily unavailable",
    }.items()
}


def problem(error: AllianceError, language: Language, request_id: str) -> Response:
    """The response for this error."""
    body: dict[str, Any] = {
        "type": f"urn:alliance:problem:{error.code}",
        "title": error.title.in_language(language),
        "status": error.status,
        "detail": error.detail.in_language(language) if error.detail else None,
        "code": error.code,
        "request_id": request_id,
    }
    if error.errors:
        body["errors"] = [_field(found, language) for found in error.errors]
    headers = {**error.headers, "content-language": language, "cache-control": "no-store"}
    return Response(orjson.dumps(body), status_code=error.status, headers=headers, media_type=MEDIA_TYPE)


def _field(error: FieldError, language: Language) -> Mapping[str, Any]:
    return {
        "field": error.field,
        "code": error.code,
        "message": error.message.in_language(language),
        "remedy": error.remedy.in_language(language) if error.remedy else None,
    }


async def _alliance(request: Request, error: Exception) -> Response:
    assert isinstance(error, AllianceError)
    return _answer(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(entry["type"] == "json_invalid" for entry in found):
        return _answer(request, _MALFORMED_JSON)
    return _answer(request, InvalidInput(errors=tuple(field_error(entry) for entry in found[:50])))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _answer(request, _of_status(error, request))


async def _repeated(_: Request, error: Exception) -> Response:
    assert isinstance(error, Replay)
    return answered(error.answer)


async def _gone(_: Request, __: Exception) -> Response:
    """Nobody hears this; it stands in the log, with the number that proxies use for it."""
    return Response(status_code=499)


async def _unexpected(request: Request, error: Exception) -> Response:
    if isinstance(error, RETRYABLE):
        log.warning("database_unavailable", error=repr(error))
        return _answer(request, Unavailable())
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        log.warning("constraint_refused", constraint=error.constraint_name)
        return _answer(request, Conflict(code="already_exists"))
    log.error("unexpected_error", error=repr(error), exc_info=error)
    return _answer(request, AllianceError())


_ANSWERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    AllianceError: _alliance,
    RequestValidationError: _invalid,
    HTTPException: _http,
    Replay: _repeated,
    ClientDisconnect: _gone,
    **dict.fromkeys(DATABASE_FAULTS, _unexpected),
    Exception: _unexpected,
}


def install(app: FastAPI) -> None:
    """Teach an app to answer every error, expected or not, as problem details."""
    for kind, answer in _ANSWERS.items():
        app.add_exception_handler(kind, answer)


async def answer_to(request: Request, error: Exception) -> Response:
    """The answer to an error, as an app that was taught by `install` gives it."""
    answer = next(_ANSWERS[kind] for kind in type(error).__mro__ if kind in _ANSWERS)
    return await answer(request, error)


_MALFORMED_JSON = MalformedRequest(
    Bilingual(zh="请求体不是有效的 JSON（RFC 8259，UTF-8）。", en="The body is not valid JSON (RFC 8259 in UTF-8)."),
    code="malformed_json",
)


def allowed_methods(request: Request) -> dict[str, str]:
    """The header Allow with every method that some route has for this path; the framework names the first route's."""
    routes = (context.original_route for context in iter_route_contexts(request.app.routes))
    here = (route for route in routes if route.matches(dict(request.scope))[0] is not Match.NONE)
    return {"Allow": ", ".join(sorted({method for route in here for method in getattr(route, "methods", None) or ()}))}


def _of_status(error: HTTPException, request: Request) -> AllianceError:
    """The framework's own refusals in our words."""
    match error.status_code:
        case 404:
            return NotFound()
        case 413:
            return TooLarge()
        case 400:
            return _MALFORMED_JSON
        case status:
            headers = allowed_methods(request) if status == 405 else error.headers
            found = AllianceError(headers=headers, code=f"http_{status}")
            found.status = status
            found.title = Bilingual(zh="请求方法或路径不受支持", en=str(error.detail))
            return found


def _answer(request: Request, error: AllianceError) -> Response:
    language = language_of(request.headers.get("accept-language"))
    return problem(error, language, getattr(request.state, "request_id", "-"))
