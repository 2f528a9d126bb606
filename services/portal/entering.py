"""A new session in this browser, after signing in, accepting an invitation or changing the password."""

from typing import Any

from fastapi.responses import Response

from common.clock import utc_now
from portal import session as sessions
from portal.session import Session
from portal.visit import Visit


async def enter(visit: Visit, answer: dict[str, Any], target: str) -> Response:
    """Under a new cookie, so that one known before means nothing; takes over what this browser had not finished."""
    before = await visit.console.store.load(visit.cookie) if visit.cookie else None
    cookie = sessions.new_cookie()
    fresh = Session(
        cookie,
        organisation=before.organisation if before else None,
        kept=before.kept if before else {},
    )
    await visit.console.store.save(fresh.with_tokens(answer, utc_now()))
    if visit.cookie:
        await visit.console.store.forget(visit.cookie)
    response = visit.redirect(target)
    visit.give_cookie(response, cookie)
    return response
