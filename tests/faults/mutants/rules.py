"""Broken matching, feeds and repeated requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any


def matching_from_the_command() -> None:
    """The need is matched where it is published, by what this worker happens to know; its event causes nothing."""
    from project_matching.matcher import Matcher
    from project_matching.model.facts import disclosed
    from project_matching.reactions.matching import Matching
    from project_matching.store.suggestions import insert_suggestions

    need_steps: Any = import_module("project_matching.api.need_steps")
    matchers: list[Any] = []
    started, publish = Matcher.start, need_steps.publish_need

    async def start(self: Any, running: Any) -> None:
        matchers.append(self)
        await started(self, running)

    async def publish_need(tx: Any, need_id: Any, **more: Any) -> Any:
        need = await publish(tx, need_id, **more)
        (matcher,) = matchers
        await matcher._in_thread(matcher.picture._take_need, need.id, need.version, disclosed(need))
        found = await matcher.organisations_for(need.id)
        await insert_suggestions(tx, found, trace={})
        return need

    async def match_need(self: Any, tx: Any, event: Any) -> None:
        await self._matcher.catch_up()
        await self._report(tx, await self._matcher.subscriptions_for(event.need_id))

    Matcher.start = start  # type: ignore[method-assign]
    need_steps.publish_need = publish_need
    Matching.match_need = match_need  # type: ignore[method-assign]


def index_not_brought_to_the_ends() -> None:
    from project_matching.matcher import Matcher

    async def catch_up(self: Any) -> None:
        await self._current.wait()

    Matcher.catch_up = catch_up  # type: ignore[method-assign]


def feed_numbers_from_a_sequence() -> None:
    from feeds import store

    store._ADD = store._ADD.replace("SELECT last_number - many + nth,", "SELECT nextval('feeds.item_number'),")


def key_stored_after_the_effect() -> None:
    from common.database import Database

    insert = """
        INSERT INTO idempotency_key (caller_id, key, fingerprint, status, headers, body)
        VALUES ($1, $2, $3, $4, $5, $6)
    """
    original = Database.transaction

    @asynccontextmanager
    async def transaction(self: Any, *, request: Any = None, **more: Any) -> AsyncIterator[Any]:
        answers: list[Any] = []
        async with original(self, request=request, **more) as tx:
            tx.answer = answers.append  # type: ignore[assignment, method-assign]
            yield tx
        for kept in answers if request else ():
            await self.execute(insert, *request.key_columns(), kept.status, kept.headers, kept.body)

    Database.transaction = transaction  # type: ignore[method-assign]
