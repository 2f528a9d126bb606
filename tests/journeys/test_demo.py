"""The demonstration over real services: loaded in two goes, then played as `make demo` plays it."""

import asyncio
import io
from dataclasses import replace

import httpx
import pytest
from rich.console import Console
from rich.progress import Progress

from common.testing import until
from deploy.demo.client import MATCHING, REGISTRY, Client
from deploy.demo.dataset import Dataset, dataset
from deploy.demo.load import load, name_key
from deploy.demo.play import PLAYED, play
from tests.conftest import Connect
from tests.journeys.conftest import Alliance


def _small() -> Dataset:
    """Every fictional organisation, the needs that are played, and a few public records."""
    whole = dataset()
    return replace(
        whole,
        public_organisations=whole.public_organisations[:12],
        public_needs=whole.public_needs[:4],
        demo_needs=tuple(need for need in whole.demo_needs if need["reference"] in PLAYED),
    )


async def _load(alliance: Alliance, data: Dataset) -> bool:
    async with httpx.AsyncClient(base_url=alliance.url, timeout=30) as http:
        return await load(http, lambda: data, Progress(console=Console(file=io.StringIO())))


@pytest.mark.timeout(400)  # a slow machine that does other things as well
async def test_the_demo_goes_on_after_an_interruption_and_plays(
    alliance: Alliance, database_of: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    matching = await database_of("project_matching")

    async def all_explained() -> bool:
        return not await matching.fetch_value("SELECT count(*) FROM suggestion WHERE explanation IS NULL")

    monkeypatch.setenv("ALLIANCE_FIRST_SECRETARIAT", alliance.secretariat_credentials)
    data = _small()
    async with httpx.AsyncClient(base_url=alliance.url, timeout=30) as http:
        secretariat = await Client.sign_in(http, *alliance.secretariat_credentials.split(":", 1))
        first = asyncio.create_task(_load(alliance, data))
        while not await _registered(secretariat, data):
            await asyncio.sleep(0.02)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert 0 < len(await _registered(secretariat, data)) < len(data.organisations), "the interruption came too late"

        assert await _load(alliance, data), "the second go had nothing to do"
        registered = await _registered(secretariat, data)
        assert sorted(registered) == sorted(name_key(o["record"], o["name"]) for o in data.organisations)
        titles = {need["title"]["en"] for need in data.needs}
        posted = [need async for need in secretariat.pages(f"{MATCHING}/needs") if need["title"]["en"] in titles]
        assert len(posted) == len(titles)
        assert {need["state"] for need in posted} == {"published"}
        assert not await _load(alliance, data), "the third go loaded something again"

        await until(all_explained, timeout=120)  # of the load; this folder comes before those that leave many
        out = io.StringIO()
        await play(http, data, Console(file=out, width=160))
        assert "10 个最佳匹配" in out.getvalue()
        assert "POST → SSE: " in out.getvalue()
        assert "内容一致 / identical" in out.getvalue()


async def _registered(secretariat: Client, data: Dataset) -> list[tuple[str, str]]:
    """Those of the data's organisations that the registry holds, each as often as it does."""
    ours = {name_key(o["record"], o["name"]) for o in data.organisations}
    found = [name_key(o["record"], o["name"]) async for o in secretariat.pages(f"{REGISTRY}/organisations")]
    return [key for key in found if key in ours]
