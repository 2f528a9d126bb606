"""A real single-node Apache Kafka on the wheel's Java runtime: formatted, started, stopped, brought back."""

import shutil
from pathlib import Path

from deploy.local import jars, jvm, kafka_probe, ports, processes
from deploy.local.failure import Failure
from deploy.local.own_process import A_RECOVERY, OwnProcess
from deploy.local.secrets import Secrets
from deploy.services import ROOT, port_setting
from deploy.words import Words

SHARED_SETTINGS = ROOT / "deploy/kafka/server.properties"


class Broker(OwnProcess):
    """One broker, its own controller too, whose files live in `state/kafka`; several may run side by side."""

    slow = A_RECOVERY

    def __init__(self, state: Path, port: int, *, controller_port: int | None = None) -> None:
        super().__init__("kafka", "Kafka", state, port)
        self.controller_port = controller_port or port + 1
        self.home = self.state / "kafka"

    @property
    def bootstrap(self) -> str:
        """host:port for clients."""
        return f"{ports.HOST}:{self.port}"

    def start(self, timeout: float = 60.0, *, record: Path | None = None) -> None:
        """Fetches missing jars, formats the folder when it is new, starts the broker and returns when it serves."""
        jars.fetch(jvm.JARS)
        self._take_place()
        ports.claim(self.controller_port, what="Kafka controller", setting=port_setting("kafka_controller"))
        settings = self._write_settings()
        if not self._formatted.exists():
            self._format(settings)
        self._launch(jvm.command("kafka.Kafka", settings, record=record), timeout, cwd=self.home)

    def answers(self) -> bool:
        """Whether the broker serves clients."""
        return kafka_probe.serves(ports.HOST, self.port)

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
                Words(
                    f"Kafka 的数据目录无法在 {self.home} 建立", f"Kafka's data folder could not be made in {self.home}"
                ),
                log=self.log,
                remedy=Words(
                    "看上面几行（磁盘满？无权写入？），然后再运行一次",
                    "read the lines above (no room left? no right to write?), then run it again",
                ),
            )
        self._formatted.touch()
