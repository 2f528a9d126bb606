"""Pulling items over HTTP: with a cursor, waiting for the next one if there is none."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from common.http import Api, Call, Reach, signed_in
from common.http.connection import connection_of
from feeds.channel import Pull
from feeds.hub import Hub
from feeds.store import items_after, last_number, newest_items
from feeds.subscriber import LARGEST, subscriber_of
from feeds.views import ItemsView, ItemView

router = Api("feeds")


@router.get("/items", response_model=ItemsView, summary="The items of your organisation")
async def items(
    call: Annotated[Call, signed_in(reach=Reach.own)],
    after: Annotated[
        int | None, Query(ge=0, le=LARGEST, description="items after this number; without it the newest ones")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="items at most")] = 20,
    wait: Annotated[float, Query(ge=0, le=25, description="seconds to wait for the next item if there is none")] = 0,
) -> Response:
    """In the order of their numbers, which rise by one without gaps. `next` is the `after` of the following request.

    The same items arrive live as server-sent events under `/api/feeds/v1/stream`: `event: item`, `id:` the number,
    `data:` the item. `Last-Event-ID` (or `?after=`) replays what was missed.
    """
    subscriber_id = subscriber_of(call.caller)
    if after is None:
        rows = await newest_items(call.database, subscriber_id, limit)
    else:
        rows = await items_after(call.database, subscriber_id, after, limit)
    reached = after or 0
    if not rows:
        reached = min(reached, await last_number(call.database, subscriber_id))
        if wait:
            await _next_item(call, subscriber_id, reached, wait)
            rows = await items_after(call.database, subscriber_id, reached, limit)
    found = [ItemView.of(row) for row in rows]
    return call.respond(ItemsView(items=found, next=found[-1].number if found else reached))


async def _next_item(call: Call, subscriber_id: UUID, after: int, seconds: float) -> None:
    """Wait for it; not longer than the client, or this process, is there."""
    hub: Hub = call.state.hub
    connection, pull = connection_of(call.request.scope), Pull()
    hub.admission.admit(call.caller.id)
    if connection:
        connection.watch(pull)
    try:
        await hub.changed(subscriber_id, after, seconds, pull)
    finally:
        hub.admission.leave(call.caller.id)
        if connection:
            connection.unwatch()
