"""Definitions: what every number and word on these pages means, where it comes from, and as of when."""

from fastapi import APIRouter
from fastapi.responses import Response

from common.clock import utc_now
from portal.visit import Visitor

router = APIRouter()


@router.get("/about")
async def about(visit: Visitor) -> Response:
    """For everybody, signed in or not."""
    return visit.page("about.html", now=utc_now())
