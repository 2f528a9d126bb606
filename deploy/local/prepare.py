"""Runs `python -m deploy.setup`, the program that Compose runs too, against the local servers."""

import os
import sys
from pathlib import Path

from deploy.local import processes
from deploy.local.failure import Failure
from deploy.local.kafka import Broker
from deploy.local.postgres import Postgres
from deploy.local.secrets import Secrets
from deploy.services import ROOT
from deploy.setup.database import roles
from deploy.words import Words


def setup_environment(state: Path, postgres: Postgres, kafka: Broker) -> dict[str, str]:
    """What the set-up is told: the servers and the passwords to give."""
    secrets = Secrets(state)
    return {
        "ALLIANCE_ADMIN_URL": postgres.url(database="postgres"),
        "ALLIANCE_KAFKA": kafka.bootstrap,
        **{f"ALLIANCE_PASSWORD_{role.upper()}": secrets.password(role) for role in roles()},
    }


def prepare(step: str, state: Path, postgres: Postgres, kafka: Broker) -> None:
    """One step of the set-up (`database` or `topics`), its output in the log."""
    log = state / "logs/setup.log"
    process = processes.spawn(
        [sys.executable, "-m", "deploy.setup", step],
        state=state,
        part=f"setup_{step}",
        log=log,
        env={**os.environ, **setup_environment(state, postgres, kafka)},
        cwd=ROOT,
    )
    if process.wait() != 0:
        raise Failure(
            Words(f"准备 {step} 失败", f"setting up the {step} failed"),
            log=log,
            remedy=Words(
                "原因见上面几行；已完成的部分都保留，消除原因后再运行一次",
                "the lines above say why; what was done so far stays, run it again once the cause is gone",
            ),
        )
