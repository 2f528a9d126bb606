"""`make run`: brings the whole system up, servers before services, and keeps it alive."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from deploy.local import jars, jvm, ports
from deploy.local.console import Console
from deploy.local.kafka import Broker
from deploy.local.postgres import Postgres
from deploy.local.prepare import prepare
from deploy.local.service import ServiceProcess
from deploy.local.supervisor import Supervisor, together
from deploy.services import Service, server_port
from deploy.words import Words


class System(Supervisor):
    """Servers and services of one state folder."""

    def __init__(self, state: Path, services: Sequence[Service], console: Console) -> None:
        super().__init__(state, console)
        self.postgres = Postgres(self.state, server_port("postgres"))
        self.kafka = Broker(self.state, server_port("kafka"), controller_port=server_port("kafka_controller"))
        self.services = [
            ServiceProcess(service, self.state, postgres_port=self.postgres.port, kafka=self.kafka.bootstrap)
            for service in services
        ]
        self._prepared = self.state / "run/prepared"

    def up(self) -> None:
        self.end_leftovers()
        ports.claim_all(
            {"postgres": self.postgres.port, "kafka": self.kafka.port, "kafka_controller": self.kafka.controller_port}
            | {service.name: service.port for service in self.services}
        )
        self.write()
        with self.console.live():
            if self._prepared.exists():  # topics are there: services need not wait for Kafka to start beside it
                together(self._bring_up_postgres_and_services, self._bring_up_kafka)
            else:
                together(self._bring_up_postgres, self._bring_up_kafka)
                self._bring_up_services()
        self._prepared.touch()

    def _bring_up_postgres(self) -> None:
        self.keep(self.postgres)
        with self.console.step(Words("角色、模式、迁移", "roles, schemas, migrations")):
            prepare("database", self.state, self.postgres, self.kafka)

    def _bring_up_services(self) -> None:
        together(*(partial(self.keep, service) for service in self.services))

    def _bring_up_postgres_and_services(self) -> None:
        self._bring_up_postgres()
        self._bring_up_services()

    def _bring_up_kafka(self) -> None:
        if jars.missing(jvm.JARS, jars.listed()):
            with self.console.step(Words("下载 Kafka", "fetching Kafka")) as step:
                jars.fetch(jvm.JARS, progress=lambda done, of: step.update(f"{done}/{of}"))
        self.keep(self.kafka)
        with self.console.step(Words("主题", "topics")):
            prepare("topics", self.state, self.postgres, self.kafka)
