"""Where the servers are and how an operator gets in: the environment's word, or the local stack's own records."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from common.database import set_codecs
from deploy.services import DATABASE, all_services, server_port
from deploy.setup.database import at_database
from deploy.words import Told, Words


@dataclass(frozen=True)
class Place:
    """A superuser's URL of the alliance's database, and host:port of the broker."""

    admin_url: str
    kafka: str

    @classmethod
    def of_environment(cls, state: Path) -> "Place":
        """ALLIANCE_ADMIN_URL and ALLIANCE_KAFKA as for `deploy.setup`; without them the local stack in this folder."""
        url, kafka = os.environ.get("ALLIANCE_ADMIN_URL"), os.environ.get("ALLIANCE_KAFKA")
        if url and kafka:
            return cls(at_database(url, DATABASE), kafka)
        if url or kafka:
            raise Told(
                Words(
                    "ALLIANCE_ADMIN_URL 和 ALLIANCE_KAFKA 须同时设置，或都不设置（本机环境）。",
                    "Set both ALLIANCE_ADMIN_URL and ALLIANCE_KAFKA, or neither (the local stack).",
                )
            )
        return cls._of_local_stack(state)

    @classmethod
    def _of_local_stack(cls, state: Path) -> "Place":
        from deploy.local.ports import HOST
        from deploy.local.secrets import Secrets

        secrets = Secrets(state)
        if not secrets.knows("postgres"):
            raise Told(
                Words(
                    f"{state} 中没有本机环境；请先 make run，或设置 ALLIANCE_ADMIN_URL 和 ALLIANCE_KAFKA。",
                    f"No local stack in {state}: make run first, or set ALLIANCE_ADMIN_URL and ALLIANCE_KAFKA.",
                )
            )
        address = f"{HOST}:{server_port('postgres')}"
        return cls(f"postgresql://postgres:{secrets.password('postgres')}@{address}/{DATABASE}", _kafka(HOST))

    @asynccontextmanager
    async def connection(self, schema: str) -> AsyncIterator[Any]:
        """A superuser's connection that sees one schema as its service does."""
        opened = await asyncpg.connect(
            self.admin_url,
            timeout=10,
            server_settings={
                "application_name": f"operate {schema}",
                "search_path": f"{schema},public",
                "timezone": "UTC",
            },
        )
        try:
            await set_codecs(opened)
            yield opened
        finally:
            await opened.close()


def _kafka(host: str) -> str:
    return f"{host}:{server_port('kafka')}"


def check_service(name: str, *, publishes: bool = False) -> str:
    """The name, if it is in the list of services (and has a topic); Failure otherwise."""
    names = [service.name for service in all_services() if service.publishes or not publishes]
    if name not in names:
        raise Told(
            Words(
                f"这里不能用 {name}；可选的服务：{'、'.join(names)}。",
                f"{name!r} will not do here; the services to choose from: {', '.join(names)}.",
            )
        )
    return name
