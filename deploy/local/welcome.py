"""What is said when everything is up: where to look, as whom, and what to try first; in Chinese and English."""

import json
from pathlib import Path

from deploy.local.secrets import Secrets
from deploy.local.service import public_url
from deploy.services import ROOT, server_port

ACCOUNTS = ROOT / "deploy/demo/accounts.json"


def welcome(state: Path) -> str:
    """The lines that end the start."""
    return "\n".join(["", *_addresses(), "", *_accounts(state), "", *_next_steps()])


def _addresses() -> list[str]:
    url = public_url()
    return [
        f"  网页 Console        {url}",
        f"  接口 API            {url}/api/<service>/v1/…",
        f"  PostgreSQL          127.0.0.1:{server_port('postgres')}   (passwords: .local/secrets.json)",
        f"  Kafka               127.0.0.1:{server_port('kafka')}",
    ]


def _accounts(state: Path) -> list[str]:
    """Who can sign in: the first secretariat with its generated password, then the demonstration's people."""
    email, _, password = Secrets(state).first_secretariat().partition(":")
    rows = [("秘书处 secretariat", email, password)]
    for account in _listed():
        if account["role"] != "secretariat":
            rows.append((account["role"], account["email"], account.get("password") or _common_password()))
    return ["  账号 Accounts", *(f"    {role:<28} {email:<32} {password}" for role, email, password in rows)]


def _listed() -> list[dict[str, str]]:
    try:
        return list(json.loads(ACCOUNTS.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def _common_password() -> str:
    """The demonstration's people share one password, fit for nothing else."""
    from deploy.demo.seal import PASSWORD

    return PASSWORD


def _next_steps() -> list[str]:
    return [
        "  接下来 Next",
        "    make demo      在终端里演示主流程：发布需求、匹配、推送   plays the main job in the terminal",
        "    make status    各部分的状态与资源                         state and use of every part",
        "    make logs      查看日志                                   follows the logs",
        "    make stop      停止（或在此按 Ctrl-C）                    ends everything (or Ctrl-C here)",
    ]
