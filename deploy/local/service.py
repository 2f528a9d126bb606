"""One service as a process of its own: what it is given, when it counts as ready, how it is ended."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from deploy.local import ports, processes
from deploy.local.failure import Failure
from deploy.local.secrets import Secrets
from deploy.services import DATABASE, ROOT, Service, all_services, port_setting

QUIET = {"PYTHONUNBUFFERED": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


class ServiceProcess:
    """Runs one service; the same code and settings as in a container."""

    def __init__(self, service: Service, state: Path, *, postgres_port: int, kafka: str) -> None:
        self.service = service
        self.name = service.name
        self.port = service.port
        self.state = state.resolve()
        self.log = self.state / f"logs/{service.name}.log"
        self._postgres_port = postgres_port
        self._kafka = kafka
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://{ports.HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

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
            behind = {s.name: f"http://{ports.HOST}:{s.port}" for s in all_services() if not s.entrance}
            given["ALLIANCE_UPSTREAMS"] = json.dumps(behind)
        return {**os.environ, **QUIET, **given}

    def start(self, timeout: float = 60.0) -> None:
        """Starts the process and returns when it says that it is ready."""
        processes.end_orphans(self.state, self.name)
        ports.claim(self.port, what=self.name, setting=port_setting(self.name))
        self._process = processes.spawn(
            [sys.executable, "-m", "common.serving", self.name],
            state=self.state,
            part=self.name,
            log=self.log,
            env=self.environment(),
            cwd=ROOT,
        )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.pid is None:
                status = self._process.returncode
                raise Failure(
                    f"{self.name} ended with status {status} while it was starting",
                    log=self.log,
                    remedy="the lines above say why; once that is put right, run it again",
                )
            if self.ready():
                return
            time.sleep(0.1)
        raise Failure(
            f"{self.name} was not ready within {timeout:.0f} s: {health(self.address)}",
            log=self.log,
            remedy=f"see its log ({self.log}) for what it waits for, then run it again",
        )

    def ready(self) -> bool:
        """Whether the service says that it can do its work."""
        return bool(health(self.address).get("ready", False))

    def wait(self) -> int:
        """Blocks until the process has ended and returns its exit status."""
        assert self._process is not None
        return self._process.wait()

    def stop(self, timeout: float = 15.0) -> None:
        """Lets it finish what it has in hand; after the timeout it is killed."""
        self._signal(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """kill -9, for tests of recovery."""
        self._signal(signal.SIGKILL, 10.0)

    def _signal(self, number: int, timeout: float) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)


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
