"""What is being typed in a long form: kept every few seconds, thrown away on request."""

from fastapi import APIRouter
from fastapi.responses import Response

from common.clock import utc_now
from portal.forms import SignedForm
from portal.keeping import forget, keep

router = APIRouter()


@router.post("/kept")
async def keep_form(form: SignedForm) -> Response:
    """Answers with the line that says so."""
    now = utc_now()
    await keep(form)
    return Response(form.visit.fragment("kept_line.html", at=now), media_type="text/html")


@router.post("/kept/forget")
async def forget_form(form: SignedForm) -> Response:
    """Back to the page as it is without it."""
    await forget(form)
    return form.visit.redirect(form.kept_as)
