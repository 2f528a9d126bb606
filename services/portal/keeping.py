"""Forms a browser has not finished: kept under their page's address until they are saved or thrown away."""

from common.clock import utc_now
from portal.forms import Form

PLACES = ("/needs/", "/organisation/", "/members/")  # pages that show again what was kept for them


async def keep(form: Form) -> bool:
    """Remembers the form; False when its page cannot show it again, as with passwords."""
    visit = form.visit
    if not visit.cookie or not form.kept_as.startswith(PLACES):
        return False
    kept = {"fields": form.typed(), "at": utc_now().isoformat()}
    await visit.console.store.keep(visit.cookie, form.kept_as, kept)
    return True


async def forget(form: Form) -> None:
    """Saved, or thrown away on request."""
    if form.visit.cookie:
        await form.visit.console.store.keep(form.visit.cookie, form.kept_as, None)
