"""What a person sees when something is not there, not allowed, not theirs to send, or not working."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from common.database import RETRYABLE
from common.http.call import language_of
from common.http.problems import allowed_methods
from common.telemetry import log
from portal.clients import Refused, Unreachable
from portal.forms import FormNotOurs, labelled
from portal.keeping import keep
from portal.place import NoOrganisation
from portal.security import local_path
from portal.texts import known
from portal.visit import LANGUAGE_COOKIE, Console, NotForYou, SignInNeeded, Visit


def install(app: FastAPI) -> None:
    """Every failure has a page in both languages; none of them shows the inside of the system."""
    app.add_exception_handler(SignInNeeded, ask_to_sign_in)
    app.add_exception_handler(NotForYou, always("not_allowed", 403))
    app.add_exception_handler(NoOrganisation, always("no_organisation", 403))
    app.add_exception_handler(FormNotOurs, always("form_too_old", 403))
    app.add_exception_handler(RequestValidationError, always("not_found", 404))
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(Unreachable, unreachable)
    app.add_exception_handler(HTTPException, http)
    for kind in RETRYABLE:
        app.add_exception_handler(kind, database)
    app.add_exception_handler(Exception, unexpected)


def visit_of(request: Request) -> Visit:
    """The visit that was opened, or a nameless one when that itself failed."""
    opened = getattr(request.state, "visit", None)
    if isinstance(opened, Visit):
        return opened
    console: Console = request.app.state.console
    chosen = known(request.cookies.get(LANGUAGE_COOKIE))
    language = chosen or language_of(request.headers.get("accept-language"))
    return Visit(request, console, request.cookies.get(console.cookie), None, language)


async def page(request: Request, what: str, code: int, **more: Any) -> Response:
    """The failure's own page, with the request's number for whoever looks into it."""
    context = {"service": None, "words": None, "errors": []} | more
    number = getattr(request.state, "request_id", None)
    return visit_of(request).page("failure.html", code, what=what, code=code, request_id=number, **context)


def always(what: str, status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    """A handler that answers with one and the same page."""

    async def answer(request: Request, _: Exception) -> Response:
        return await page(request, what, status)

    return answer


async def ask_to_sign_in(request: Request, error: Exception) -> Response:
    """To the door, and from there back to where the person wanted to go; what was typed is kept."""
    assert isinstance(error, SignInNeeded)
    visit, form, kept = visit_of(request), getattr(request.state, "form", None), False
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if form is not None:
        kept = await keep(form)
        target = local_path(form.kept_as) if form.kept_as else form.back
    elif request.method != "GET" or "hx-request" in request.headers:
        target = "/"
    query = {"next": target} | ({"expired": "kept" if kept else "lost"} if form is not None else {})
    response = visit.redirect("/sign-in", **query)
    if "hx-request" in request.headers:
        response = Response(status_code=204, headers={"HX-Redirect": response.headers["location"]})
    return response


async def refused(request: Request, error: Exception) -> Response:
    """A service's refusal that its page had no better answer to."""
    assert isinstance(error, Refused)
    if error.status == 401:
        visit = visit_of(request)
        if visit.cookie:
            await visit.console.store.forget(visit.cookie)
        return await ask_to_sign_in(request, SignInNeeded(expired=True))
    what = {403: "not_allowed", 404: "not_found", 412: "changed", 409: "changed", 429: "too_many"}.get(error.status)
    told = {"words": error.detail or error.title, "errors": labelled(error, {})}
    return await page(request, what or "refused", error.status, **told)


async def unreachable(request: Request, error: Exception) -> Response:
    """One service is missing: say which, and that trying again is safe."""
    assert isinstance(error, Unreachable)
    log.warning("upstream_unreachable", upstream=error.service)
    return await page(request, "unavailable", 503, service=error.service)


async def database(request: Request, error: Exception) -> Response:
    """The console's own memory is missing."""
    log.warning("database_unavailable", error=repr(error))
    return await page(request, "unavailable", 503, service="portal")


async def http(request: Request, error: Exception) -> Response:
    """The framework's own refusals."""
    assert isinstance(error, HTTPException)
    what = "not_found" if error.status_code in (404, 405) else "refused"
    answer = await page(request, what, error.status_code)
    if error.status_code == 405:
        answer.headers.update(allowed_methods(request))
    return answer


async def unexpected(request: Request, error: Exception) -> Response:
    """Our fault."""
    log.error("unexpected_error", error=repr(error), exc_info=error)
    return await page(request, "broken", 500)
