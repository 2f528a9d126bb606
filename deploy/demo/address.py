"""Where the alliance answers, and whose credentials begin: from the environment, else from the local stack."""

import json
import os
from pathlib import Path

import httpx

from deploy.demo.client import DemoFailed
from deploy.words import Words

SECRETS = Path(__file__).parents[2] / ".local" / "secrets.json"


def public_url() -> str:
    """The one address of the alliance (setting ALLIANCE_PUBLIC_URL)."""
    return os.environ.get("ALLIANCE_PUBLIC_URL", "http://127.0.0.1:8080").rstrip("/")


def http_client(connections: int = 16) -> httpx.AsyncClient:
    """A client for the one address; no proxy comes between."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncClient(base_url=public_url(), timeout=httpx.Timeout(30.0), limits=limits, trust_env=False)


def first_secretariat() -> tuple[str, str]:
    """E-mail and password of the first secretariat account."""
    credentials = os.environ.get("ALLIANCE_FIRST_SECRETARIAT")
    if not credentials and SECRETS.exists():
        credentials = json.loads(SECRETS.read_text(encoding="utf-8")).get("first_secretariat")
    email, colon, password = (credentials or "").partition(":")
    if not (email and colon and password):
        raise DemoFailed(
            Words(
                "以谁的名义载入演示？设置 ALLIANCE_FIRST_SECRETARIAT=邮箱:密码，或用 make run 启动本地系统，由它记下。",
                "Whose name shall the demo be loaded in? Set ALLIANCE_FIRST_SECRETARIAT=e-mail:password, "
                "or start the local stack with `make run`, which writes it down.",
            )
        )
    return email, password
