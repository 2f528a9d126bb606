"""One service as a process of its own: what it is given, when it counts as ready, how it is ended."""

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path

from deploy.local import ports
from deploy.local.own_process import OwnProcess
from deploy.local.secrets import Secrets
from deploy.services import DATABASE, ROOT, Service, all_services, behind_the_entrance

QUIET = {"PYTHONUNBUFFERED": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


class ServiceProcess(OwnProcess):
    """Runs one service; the same code and settings as in a container."""

    def __init__(self, service: Service, state: Path, *, postgres_port: int, kafka: str) -> None:
        super().__init__(service.name, service.name, state, service.port)
        self.service = service
        self._postgres_port = postgres_port
        self._kafka = kafka

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://{ports.HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """Everything the service is told: `common.settings.Settings` reads exactly these."""
        secrets = Secrets(self.state)
        password = secrets.password(self.name)
        given = {
            "ALLIANCE_SERVICE": self.name,
            "ALLIANCE_HOST": ports.HOST,
            "ALLIANCE_PORT": str(self.port),
            "ALLIANCE_DATABASE_URL": f"postgresql://{self.name}:{password}@{ports.HOST}:{self._postgres_port}/{DATABASE}",
            "ALLIANCE_KAFKA": self._kafka,
            "ALLIANCE_PUBLIC_URL": public_url(),
            **{f"ALLIANCE_{name.upper()}": secrets.named(name) for name in self.service.secrets},
        }
        if self.service.entrance:
            behind = {s.name: f"http://{ports.HOST}:{s.port}" for s in behind_the_entrance()}
            given["ALLIANCE_UPSTREAMS"] = json.dumps(behind)
        return {**os.environ, **QUIET, **given}

    def start(self, timeout: float = 180.0) -> None:
        """Starts the process and returns when it says that it is ready."""
        self._take_place()
        self._launch([sys.executable, "-m", "common.serving", self.name], timeout, cwd=ROOT, env=self.environment())

    def answers(self) -> bool:
        """Whether the service says that it is ready."""
        return bool(health(self.address).get("ready", False))


def health(address: str, timeout: float = 2.0) -> dict[str, object]:
    """What /health/ready answers, {} when nothing answers."""
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=timeout) as response:
            return dict(json.loads(response.read()))
    except urllib.error.HTTPError as error:
        try:
            return dict(json.loads(error.read()))
        except (ValueError, OSError):
            return {}
    except (OSError, ValueError):
        return {}


def public_url() -> str:
    """The one address people open."""
    port = next((service.port for service in all_services() if service.entrance), 8080)
    return os.environ.get("ALLIANCE_PUBLIC_URL", f"http://{ports.HOST}:{port}")
