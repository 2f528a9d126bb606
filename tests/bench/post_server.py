"""Row 3's servers: `python -m tests.bench.post_server ours`, or `limit ORGANISATION`; settings as for any service.

Ours is project matching without its relay, consumer and engine, which work for the event and not for the request. The
limit is one ASGI function: msgspec reads the body and writes the answer, and the statement is the one that ours sends.
"""

import sys
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
import orjson
from starlette.types import Receive, Scope, Send

from common.database import Database
from common.ids import new_id
from common.repeats import Remembered, RepeatableRequest
from common.serving import load, serve
from common.settings import Settings, settings
from tests.bench import needs, pgbench


class Title(msgspec.Struct, forbid_unknown_fields=True):
    """Text in two languages."""

    zh: str | None = None
    en: str | None = None


class Need(msgspec.Struct, forbid_unknown_fields=True):
    """What is posted."""

    title: Title


class Bare:
    """Answers every request with 201 after the insert."""

    def __init__(self, config: Settings, organisation_id: UUID) -> None:
        self._config = config
        self._organisation_id = organisation_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        posted = msgspec.json.decode(body, type=Need)
        need_id = new_id()
        await self._database.callers.fetchval(self._sql, *self._fresh(need_id))
        answer = msgspec.json.encode({"id": need_id, "title": posted.title})
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        url = self._config.database_url.get_secret_value()
        self._database = await Database.connect(url, schema=self._config.service, name="bench", size=8)
        self._sql, self._arguments = await pgbench.statement_of(self._command)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._database.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _command(self, database: Database) -> None:
        """What ours does with the answer it remembers."""
        request = RepeatableRequest(self._organisation_id, "key", b"fingerprint of 32 bytes, as long")
        organisation = needs.hospital_with(self._organisation_id)
        headers = {"etag": '"1"', "location": f"/api/project_matching/v1/needs/{new_id()}"}
        async with database.transaction(actor="bench", request=request, scope=needs.scope_of(organisation)) as tx:
            await needs.draft_in(tx, organisation)
            tx.answer(Remembered(201, headers, orjson.dumps({"answer": "as long as one" * 80})))

    def _fresh(self, need_id: UUID) -> list[Any]:
        """The arguments with ids and a key of their own."""
        arguments = list(self._arguments)
        arguments[0] = need_id
        event_ids, aggregate_ids, keys = -13, -11, -5
        arguments[event_ids], arguments[aggregate_ids] = new_id(), need_id
        arguments[keys] = str(need_id)
        return arguments


def main() -> None:
    config = settings()
    if sys.argv[1] == "limit":
        serve(Bare(config, UUID(sys.argv[2])), config)
    else:
        service = load(config.service)
        parts = [(name, part) for name, part in service.parts if name == "posters"]
        service = replace(service, reactions=(), publishes=(), parts=parts, follows_access=False)
        serve(service.app(config), config)


if __name__ == "__main__":
    main()
