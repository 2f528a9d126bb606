"""A real single-node Apache Kafka on the wheel's Java runtime: formatted, started, stopped, brought back."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

from deploy.local import jars, jvm, kafka_probe, ports, processes
from deploy.local.failure import Failure
from deploy.local.secrets import Secrets
from deploy.services import ROOT, port_setting

SHARED_SETTINGS = ROOT / "deploy/kafka/server.properties"


class Broker:
    """One broker, its own controller too, whose files live in `state/kafka`; several may run side by side."""

    name = "kafka"

    def __init__(self, state: Path, port: int, *, controller_port: int | None = None) -> None:
        self.state = state.resolve()
        self.port = port
        self.controller_port = controller_port or port + 1
        self.home = self.state / "kafka"
        self.log = self.state / "logs/kafka.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """host:port for clients."""
        return f"{ports.HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while this object's broker runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, timeout: float = 60.0, *, record: Path | None = None) -> None:
        """Fetches missing jars, formats the folder when it is new, starts the broker and returns when it serves."""
        jars.fetch(jvm.JARS)
        processes.end_orphans(self.state, self.name)
        ports.claim(self.port, what="Kafka", setting=port_setting(self.name))
        ports.claim(self.controller_port, what="Kafka's controller", setting=port_setting("kafka_controller"))
        settings = self._write_settings()
        if not self._formatted.exists():
            self._format(settings)
        self._process = processes.spawn(
            jvm.command("kafka.Kafka", settings, record=record),
            state=self.state,
            part=self.name,
            log=self.log,
            cwd=self.home,
        )
        self._wait_until_it_serves(timeout)

    def wait(self) -> int:
        """Blocks until the broker has ended and returns its exit status."""
        assert self._process is not None
        return self._process.wait()

    def stop(self, timeout: float = 30.0) -> None:
        """An orderly shutdown, after which the next start needs no recovery."""
        self._signal(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """kill -9, for tests of recovery."""
        self._signal(signal.SIGKILL, 10.0)

    @property
    def data(self) -> Path:
        """The folder of Kafka's log."""
        return self.home / "data"

    @property
    def _formatted(self) -> Path:
        return self.home / "formatted"

    def _write_settings(self) -> Path:
        self.home.mkdir(parents=True, exist_ok=True)
        inner = f"{ports.HOST}:{self.controller_port}"
        listeners = f"PLAINTEXT://{self.bootstrap},CONTROLLER://{inner}"
        local = {
            "controller.quorum.bootstrap.servers": inner,
            "listeners": listeners,
            "advertised.listeners": listeners,
            "log.dirs": str(self.data),
        }
        target = self.home / "server.properties"
        lines = [f"{name}={value}" for name, value in local.items()]
        target.write_text(SHARED_SETTINGS.read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")
        return target

    def _format(self, settings: Path) -> None:
        """Formats from nothing: without the mark at its end the folder is half made and has never been used."""
        shutil.rmtree(self.data, ignore_errors=True)
        arguments = ("format", "--standalone", "-t", Secrets(self.state).cluster_id(), "-c", settings)
        made = processes.spawn(
            jvm.command("kafka.tools.StorageTool", *arguments),
            state=self.state,
            part="kafka_format",
            log=self.log,
            cwd=self.home,
        )
        if made.wait() != 0:
            raise Failure(
                f"Kafka's data folder could not be made in {self.home}",
                log=self.log,
                remedy="read the lines above (no room left? no right to write?), then run it again",
            )
        self._formatted.touch()

    def _wait_until_it_serves(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.pid is None:
                raise Failure(
                    "Kafka ended while it was starting",
                    log=self.log,
                    remedy="read the lines above; its data is kept, run it again once the cause is gone",
                )
            if kafka_probe.serves(ports.HOST, self.port):
                return
            time.sleep(0.1)
        raise Failure(
            f"Kafka did not answer within {timeout:.0f} s",
            log=self.log,
            remedy="a recovery after a crash may need more time: run it again",
        )

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
