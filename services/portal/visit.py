"""One request of one person: language, session, calls on the person's behalf, pages and redirects in answer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from common.clock import utc_now
from common.database import RETRYABLE
from common.http.call import language_of
from common.text import Language
from common.vocabulary import INSTITUTIONS
from portal import session as sessions
from portal import texts
from portal.clients import Answer, Caller, Json, Refused, Unreachable, Upstreams
from portal.security import form_token, local_path
from portal.session import Session, Store
from portal.templating import render

LANGUAGE_COOKIE = "alliance_language"
WEEK = 7 * 24 * 3600
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Console:
    """What every request of this process shares."""

    store: Store
    upstreams: Upstreams
    secure: bool
    public_url: str

    @property
    def cookie(self) -> str:
        """Browsers accept a __Host- cookie only over https, for this host alone."""
        return "__Host-alliance_session" if self.secure else "alliance_session"


class SignInNeeded(Exception):
    """The page is for people who are signed in, and nobody is (any more)."""

    def __init__(self, expired: bool = False) -> None:
        super().__init__()
        self.expired = expired


class NotForYou(Exception):
    """Signed in, but this page is for another kind of user."""


@dataclass
class Visit:
    """Handed to every page function; `session` is replaced when tokens are renewed or somebody signs in."""

    request: Request
    console: Console
    cookie: str | None
    session: Session | None
    language: Language

    # --- who is here

    @property
    def signed_in(self) -> bool:
        return self.session is not None and self.session.signed_in

    @property
    def account(self) -> Mapping[str, Any]:
        return (self.session.account if self.session else None) or {}

    @property
    def organisation(self) -> Mapping[str, Any] | None:
        """The organisation the person acts for."""
        acting = self.session.organisation if self.session else None
        mine = self.account.get("organisations") or []
        return next((one for one in mine if str(one["id"]) == acting), None)

    @property
    def side(self) -> str:
        """Which home this person has: secretariat, institution, enterprise, or nobody."""
        if self.account.get("secretariat"):
            return "secretariat"
        if self.organisation is None:
            return "nobody"
        institutions = {str(kind) for kind in INSTITUTIONS}
        return "institution" if self.organisation["kind"] in institutions else "enterprise"

    # --- the services

    def caller(self) -> Caller:
        return Caller(
            language=texts.LOCALES[self.language].replace("_", "-"),
            token=self.session.access_token if self.session else None,
            organisation=self.session.organisation if self.session else None,
            request_id=getattr(self.request.state, "request_id", None),
            address=self.request.client.host if self.request.client else None,
        )

    async def call(self, service: str, method: str, path: str, **more: Any) -> Answer:
        """A call on the person's behalf; a token that was refused is renewed once, then sign-in is asked for."""
        try:
            return await self.console.upstreams.call(service, method, path, self.caller(), **more)
        except Refused as refusal:
            if refusal.status != 401 or not self.signed_in:
                raise
        await self.renew(force=True)
        return await self.console.upstreams.call(service, method, path, self.caller(), **more)

    async def call_as_nobody(self, service: str, method: str, path: str, **more: Any) -> Answer:
        """A call that needs no sign-in and must not carry one."""
        nobody = replace(self.caller(), token=None, organisation=None)
        return await self.console.upstreams.call(service, method, path, nobody, **more)

    async def get(self, service: str, path: str, **params: Any) -> Json:
        return (await self.call(service, "GET", path, params=params)).body

    async def renew(self, force: bool = False) -> None:
        """Fresh tokens when the old ones are about to end; asks for sign-in when they cannot be had."""
        if self.session is None or not (force or self.session.needs_renewal(utc_now())):
            return
        old = self.session.access_token

        async def renew(session: Session) -> Session | None:
            if force and session.access_token != old:
                return session
            return await self._refreshed(session)

        self.session = await self.console.store.renewed(self.session.cookie, renew, force=force)
        if self.session is None:
            raise SignInNeeded(expired=True)

    async def _refreshed(self, session: Session) -> Session | None:
        body = {"refresh_token": session.refresh_token}
        try:
            answer = await self.call_as_nobody("member_registry", "POST", "/sessions/refresh", body=body)
        except Refused:
            return None
        return session.with_tokens(answer.body, utc_now())

    # --- answers

    def _(self, message: str, **values: Any) -> str:
        """A message of the catalogue in the visitor's language."""
        words = texts.catalogue(self.language).gettext(message)
        return words % values if values else words

    def page(self, template: str, status: int = 200, *, at: str = "", **context: Any) -> Response:
        """A whole page; gives the browser its cookie when it has none, so that its forms can carry a token.

        `at` is the page's address where a form that was refused had another.
        """
        fresh = self.cookie is None
        self.cookie = self.cookie or sessions.new_cookie()
        url = urlsplit(str(self.request.url))
        html = render(
            template,
            self.language,
            visit=self,
            path=at or url.path,
            here=at or (f"{url.path}?{url.query}" if url.query else url.path),
            token=form_token(self.cookie),
            notice=self.request.query_params.get("done"),
            once=str(uuid4()),
            **context,
        )
        response = HTMLResponse(html, status)
        response.headers["Vary"] = "Cookie, Accept-Language"
        if fresh:
            self.give_cookie(response, self.cookie)
        return response

    def fragment(self, template: str, **context: Any) -> str:
        """A part of a page: a row of the live feed, a line of a form."""
        return render(template, self.language, visit=self, **context)

    def give_cookie(self, response: Response, cookie: str) -> None:
        response.set_cookie(
            self.console.cookie,
            cookie,
            max_age=WEEK,
            path="/",
            httponly=True,
            samesite="lax",
            secure=self.console.secure,
        )

    def redirect(self, path: str, **query: str) -> Response:
        """On to another page of the console (303, so that it is read with GET)."""
        target = local_path(path)
        if query:
            target += ("&" if "?" in target else "?") + urlencode(query)
        return RedirectResponse(target, 303)


async def open_visit(request: Request) -> Visit:
    """Who is here, signed in or not; a session near its end is renewed on the way."""
    console: Console = request.app.state.console
    cookie = request.cookies.get(console.cookie) or None
    session = await console.store.load(cookie) if cookie else None
    chosen = texts.known(request.cookies.get(LANGUAGE_COOKIE))
    language = chosen or language_of(request.headers.get("accept-language"))
    visit = Visit(request, console, cookie, session, language)
    request.state.visit = visit
    try:
        await visit.renew()
    except SignInNeeded:
        pass  # pages that need a person ask for sign-in themselves; the others go on without
    except Unreachable:
        pass  # the old token may still do; if not, the page says which service is missing
    except RETRYABLE:
        pass  # another window's renewal takes long, and the old token may still do
    return visit


Visitor = Annotated[Visit, Depends(open_visit)]


async def signed_in(visit: Visitor) -> Visit:
    """Pages for people who are signed in."""
    if not visit.signed_in:
        raise SignInNeeded(expired=visit.cookie is not None)
    return visit


SignedIn = Annotated[Visit, Depends(signed_in)]


async def secretariat(visit: SignedIn) -> Visit:
    """Pages of the secretariat; the services check again whatever is asked of them."""
    if visit.side != "secretariat":
        raise NotForYou
    return visit


Secretariat = Annotated[Visit, Depends(secretariat)]
