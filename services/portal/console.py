"""The console's pages as one application of its own: HTML in, HTML out, with its own answers to failure."""

from fastapi import FastAPI

from portal import static_files
from portal.pages import (
    about,
    account,
    api_keys,
    applications,
    desk,
    entrance,
    failures,
    feed,
    home,
    items,
    kept,
    members,
    need_form,
    needs,
    people,
    profile,
    subscriptions,
    suggestions,
)

# need_form comes before needs: /needs/new is not the id of a need
PAGES = (
    *(entrance, account, home, about, kept),
    *(need_form, needs, desk, suggestions, feed, subscriptions),
    *(profile, items, people, api_keys, members, applications),
)


def console() -> FastAPI:
    """All pages; `state.console` is set before the first request."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.include_router(static_files.router)
    for pages in PAGES:
        app.include_router(pages.router)
    failures.install(app)
    return app
