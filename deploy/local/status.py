"""`make status`: a row for each part, and whether all of them are ready."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local import kafka_probe, ports, processes, record, usage
from deploy.local.figures import Figures, ask
from deploy.local.postgres import Postgres
from deploy.services import all_services, server_port

SAMPLE = 2.0  # seconds over which CPU is measured


@dataclass(frozen=True)
class Row:
    """One part as it is now."""

    name: str
    state: str
    address: str
    figures: Figures
    usage: usage.Usage | None
    restarts: int
    error: str | None


@dataclass(frozen=True)
class Status:
    """All parts, and what they take together."""

    rows: Sequence[Row]
    supervised: bool

    @property
    def ready(self) -> bool:
        """True only when the supervisor and every part are there and can do their work."""
        return self.supervised and all(row.state == "ready" for row in self.rows)

    @property
    def cpu_percent(self) -> float:
        """Percent of one core, everything together."""
        return sum(row.usage.cpu_percent for row in self.rows if row.usage)

    @property
    def memory(self) -> int:
        """Resident bytes, everything together."""
        return sum(row.usage.memory for row in self.rows if row.usage)

    def as_json(self) -> dict[str, object]:
        """For programs: benchmarks read it."""
        totals = {"ready": self.ready, "cpu_percent": self.cpu_percent, "memory": self.memory}
        return {**totals, "parts": {row.name: asdict(row) for row in self.rows}}


def take(state: Path, seconds: float = SAMPLE) -> Status:
    """Looks at everything once; takes as long as CPU is measured."""
    state = state.resolve()
    written = record.read(state)
    supervisor = written.supervisor()
    found = processes.started(state)
    if supervisor is not None:
        found["supervisor"] = [supervisor]
    families = usage.families({name: ps for name, ps in found.items() if name != "supervisor"})
    families |= {"supervisor": found["supervisor"]} if supervisor else {}
    measured = usage.measure(families, seconds)
    listed = all_services() if not written.parts or set(written.parts) - {"postgres", "kafka"} else ()
    with ThreadPoolExecutor() as pool:
        told = dict(pool.map(lambda s: (s.name, ask(f"http://{ports.HOST}:{s.port}")), listed))
    servers = {"postgres": server_port("postgres"), "kafka": server_port("kafka")}
    told["postgres"] = Figures(ready=Postgres(state, servers["postgres"]).answers())
    told["kafka"] = Figures(ready=kafka_probe.serves(ports.HOST, servers["kafka"]))
    addresses = servers | {service.name: service.port for service in listed}
    rows = [
        _row(name, port, told[name], measured.get(name), written.parts.get(name, record.PartRecord()))
        for name, port in addresses.items()
    ]
    watching = record.PartRecord(state="ready" if supervisor else "stopped")
    rows.append(
        Row("supervisor", watching.state, "", Figures(ready=bool(supervisor)), measured.get("supervisor"), 0, None)
    )
    return Status(rows, supervised=supervisor is not None)


def _row(name: str, port: int, told: Figures, used: usage.Usage | None, known: record.PartRecord) -> Row:
    state = known.state
    if used is None:
        state = known.state if known.state == "waiting" else "stopped"
    elif told.ready:
        state = "ready"
    elif known.state == "ready":
        state = "not ready"
    return Row(name, state, f"{ports.HOST}:{port}", told, used, known.restarts, known.error)
