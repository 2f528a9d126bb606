"""Readers of feeds: one pulls with a cursor, one listens to events and comes back with the last id it has."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from tests.faults.load.client import Person
from tests.faults.load.journal import Read


async def pull(who: Person, name: str) -> None:
    """From the beginning, always after the last number seen."""
    after = 0
    while True:
        answer = (await who.get("feeds", "/items", after=after, limit=100, wait=5)).json()
        for item in answer["items"]:
            _note(who, name, item)
        after = max(after, answer["next"])
        await asyncio.sleep(0.2)


async def read_to_the_end(who: Person, name: str) -> None:
    """One reader who comes when all is over and reads everything."""
    after, more = 0, True
    while more:
        answer = (await who.get("feeds", "/items", after=after, limit=100)).json()
        for item in answer["items"]:
            _note(who, name, item)
        after, more = answer["next"], bool(answer["items"])


async def listen(who: Person, name: str) -> None:
    """The event stream from the beginning; a number that comes again is a repetition and left out."""
    last = 0
    while True:
        try:
            async for item in _events(who, last):
                if item["number"] > last:
                    last = item["number"]
                    _note(who, name, item)
        except httpx.HTTPError as error:
            who.entrance.journal.tried[f"stream {type(error).__name__}"] += 1
        await asyncio.sleep(0.3)


async def _events(who: Person, last: int) -> AsyncIterator[dict[str, Any]]:
    token = await who.token()
    headers = {"authorization": f"Bearer {token}", "last-event-id": str(last)}
    url = who.entrance.url("feeds", "/stream")
    async with who.entrance.http.stream("GET", url, headers=headers, timeout=20) as answer:
        if answer.status_code == 401:
            await who.token(not_this=token)
        if answer.status_code != 200:
            return
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                yield json.loads(line.removeprefix("data:"))


def _note(who: Person, name: str, item: dict[str, Any]) -> None:
    found = Read(name, who.organisation_id, item["number"], item["id"])
    who.entrance.journal.note(found)
