"""Loads the demonstration through the public API: repeatable, and after an interruption only what is missing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from rich.progress import Progress

from deploy.demo.address import first_secretariat
from deploy.demo.client import MATCHING, REGISTRY, Client, DemoFailed, Json, arrived
from deploy.demo.dataset import Dataset, Record
from deploy.demo.seal import PASSWORD, SUBSCRIBER, seal_is_there, set_seal
from deploy.words import Words

AT_ONCE = 8

T = TypeVar("T")


@dataclass
class Loading:
    """What the load knows while it runs: who is signed in, and under which id each reference is registered."""

    http: httpx.AsyncClient
    data: Dataset
    progress: Progress
    secretariat: Client
    organisation_ids: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)


async def load(http: httpx.AsyncClient, read: Callable[[], Dataset], progress: Progress) -> bool:
    """Load what is missing; False when everything was there already, in which case nothing is read."""
    if await seal_is_there(http):
        return False
    secretariat = await Client.sign_in(http, *first_secretariat())
    loading = Loading(http, read(), progress, secretariat)
    await _organisations(loading)
    await _accounts(loading)
    await _needs(loading)
    await arrived(lambda: set_seal(loading.clients[SUBSCRIBER]))
    return True


async def each(
    progress: Progress, title: Words, work: Iterable[T], do: Callable[[T], Awaitable[None]], total: int | None = None
) -> None:
    """Do the work with a bounded number at once; the bar counts what is done."""
    items = list(work)
    bar = progress.add_task(str(title), total=total or len(items), completed=(total or len(items)) - len(items))
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> None:
        async with slots:
            await do(item)
        progress.advance(bar)

    try:
        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(one(item))
    except* DemoFailed as failures:
        raise failures.exceptions[0] from None


def name_key(record: str, name: Json) -> tuple[str, str]:
    """By what an organisation is found again: its record kind and its name."""
    return record, (name.get("zh") or "") + "|" + (name.get("en") or "")


async def _organisations(loading: Loading) -> None:
    known = {}
    for record in ("demo", "public_record"):
        async for found in loading.secretariat.pages(f"{REGISTRY}/organisations", {"record": record}):
            known[name_key(record, found["name"])] = found["id"]
    missing = []
    for organisation in loading.data.organisations:
        existing = known.get(name_key(organisation["record"], organisation["name"]))
        if existing is None:
            missing.append(organisation)
        else:
            loading.organisation_ids[organisation["reference"]] = existing

    async def register(organisation: Record) -> None:
        body = {key: value for key, value in organisation.items() if key != "reference"}
        answer = await loading.secretariat.post(f"{REGISTRY}/organisations", body, reference=organisation["reference"])
        loading.organisation_ids[organisation["reference"]] = answer.body["id"]

    await each(
        loading.progress, Words("单位", "organisations"), missing, register, total=len(loading.data.organisations)
    )


async def _accounts(loading: Loading) -> None:
    async def ensure(account: Record) -> None:
        path = f"{REGISTRY}/organisations/{loading.organisation_ids[account['organisation']]}/people"
        people = (await loading.secretariat.get(path)).body["items"]
        if all(person["email"] != account["email"] for person in people):
            body = {key: account[key] for key in ("name", "email", "office", "language")}
            await loading.secretariat.post(path, {**body, "password": PASSWORD}, reference=account["email"])
        loading.clients[account["email"]] = await Client.sign_in(loading.http, account["email"], PASSWORD)

    await each(loading.progress, Words("账号", "accounts"), loading.data.accounts, ensure)


async def _needs(loading: Loading) -> None:
    known = {}
    await arrived(lambda: loading.secretariat.get(f"{MATCHING}/needs", {"limit": 1}))
    async for found in loading.secretariat.pages(f"{MATCHING}/needs"):
        known[found["organisation"]["id"], _title(found["title"])] = found
    unpublished = []
    for need in loading.data.needs:
        found = known.get((loading.organisation_ids[need["organisation"]], _title(need["title"])))
        if found is None or found["state"] in ("draft", "submitted", "in_review"):
            unpublished.append((need, found))

    async def carry(work: tuple[Record, Json]) -> None:
        need, found = work
        poster = _poster(loading, need)
        if found is None:
            found = await _post(loading, poster, need)
        if found["state"] == "draft":
            await arrived(lambda: poster.post(f"{MATCHING}/needs/{found['id']}/submit", reference=need["reference"]))
        await loading.secretariat.post(f"{MATCHING}/needs/{found['id']}/publish", reference=need["reference"])

    await each(loading.progress, Words("需求", "needs"), unpublished, carry, total=len(loading.data.needs))


def _title(title: Json) -> str:
    return (title.get("zh") or "") + "|" + (title.get("en") or "")


def _poster(loading: Loading, need: Record) -> Client:
    """A fictional hospital posts for itself; the secretariat enters public records."""
    if need["record"] != "demo":
        return loading.secretariat
    return loading.clients[loading.data.representative_of(need["organisation"])["email"]]


async def _post(loading: Loading, poster: Client, need: Record) -> Json:
    body = {key: value for key, value in need.items() if key not in ("reference", "organisation")}
    body["organisation_id"] = loading.organisation_ids[need["organisation"]]
    answer = await arrived(lambda: poster.post(f"{MATCHING}/needs", body, reference=need["reference"]))
    return answer.body
