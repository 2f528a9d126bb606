"""The first page: what waits for this person, for each of the three kinds of user."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from portal.clients import Json, Refused, Unreachable
from portal.visit import SignedIn, Visit

router = APIRouter()

MATCHING, MEMBERS, FEEDS = "project_matching", "member_registry", "feeds"


class Parts:
    """Asks several services at once; a part that cannot be had leaves a gap and is named, the rest stands."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.missing: set[str] = set()

    async def ask(self, service: str, path: str, **params: Any) -> Json:
        try:
            return await self.visit.get(service, path, **params)
        except Unreachable:
            self.missing.add(service)
        except Refused as refusal:
            if refusal.status not in (403, 404):
                self.missing.add(service)
        return None

    async def gather(self, **asked: Awaitable[Json]) -> dict[str, Json]:
        return dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))


@router.get("/")
async def home(visit: SignedIn) -> Response:
    """Every kind of user finds first what only they can settle."""
    page = {"secretariat": for_secretariat, "institution": for_institution, "enterprise": for_enterprise}.get(
        visit.side
    )
    return await page(visit) if page else visit.page("home_nobody.html")


async def for_secretariat(visit: Visit) -> Response:
    parts = Parts(visit)
    found = await parts.gather(
        applications=parts.ask(MEMBERS, "/applications", state="applied", limit=5),
        queue=parts.ask(MATCHING, "/needs", state="submitted", limit=6),
        published=parts.ask(MATCHING, "/needs", state="published", limit=5),
    )
    return visit.page("home_secretariat.html", missing=sorted(parts.missing), **found)


async def for_institution(visit: Visit) -> Response:
    parts = Parts(visit)
    found = await parts.gather(
        drafts=parts.ask(MATCHING, "/needs", mine="true", state="draft", limit=20),
        mine=parts.ask(MATCHING, "/needs", mine="true", limit=20),
        waiting=parts.ask(MATCHING, "/suggestions", waiting="true", limit=6),
    )
    returned = [need for need in _items(found["drafts"]) if need.get("return_reason")]
    drafts = [need for need in _items(found["drafts"]) if not need.get("return_reason")]
    running = [need for need in _items(found["mine"]) if need["state"] != "draft"]
    kept = visit.session.kept.get("/needs/new") if visit.session else None
    return visit.page(
        "home_institution.html",
        missing=sorted(parts.missing),
        returned=returned,
        drafts=drafts,
        running=running,
        waiting=found["waiting"],
        kept=kept,
    )


async def for_enterprise(visit: Visit) -> Response:
    parts = Parts(visit)
    found = await parts.gather(
        waiting=parts.ask(MATCHING, "/suggestions", waiting="true", limit=6),
        feed=parts.ask(FEEDS, "/items", limit=6),
        subscriptions=parts.ask(MATCHING, "/subscriptions"),
    )
    return visit.page("home_enterprise.html", missing=sorted(parts.missing), **found)


def _items(answer: Json) -> list[Json]:
    return list(answer["items"]) if answer else []
