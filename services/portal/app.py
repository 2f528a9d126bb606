"""Wiring: the console's pages, and the gateway to every service behind it."""

import httpx

from common.service import Running, Service
from portal.clients import Upstreams
from portal.console import console
from portal.gateway import Gateway
from portal.security import Guard
from portal.session import Store
from portal.visit import Console

clients: dict[str, httpx.AsyncClient] = {}
pages = console()


class Behind:
    """Opens the connections to the services behind the portal, and closes them at the end."""

    async def start(self, running: Running) -> None:
        settings = running.settings
        self.upstreams = Upstreams(settings.upstreams)
        clients.update(self.upstreams.clients)
        secure = settings.cookie_secure
        if secure is None:
            secure = settings.public_url.startswith("https://")
        pages.state.console = Console(Store(running.database), self.upstreams, secure, settings.public_url)

    async def stop(self) -> None:
        await self.upstreams.aclose()
        clients.clear()


service = Service(
    name="portal",
    title="Alliance Hub: console and gateway",
    mounts=[("/api", Gateway(clients)), ("", Guard(pages))],
    parts=[("behind", Behind())],
    owns=["session"],
    follows_access=False,
)
