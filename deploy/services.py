"""The list of services as `services.toml` tells it, with each port as the environment may override it."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from deploy.words import Told, Words

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "alliance"
MIGRATOR = "migrator"

DEFAULT_PORTS = {"postgres": 15432, "kafka": 19092, "kafka_controller": 19093}


@dataclass(frozen=True)
class Service:
    """One service: everything that is not its code but has to be known to run it."""

    name: str
    port: int
    publishes: bool = False
    secrets: tuple[str, ...] = ()
    entrance: bool = False


def port_setting(name: str) -> str:
    """The environment variable that moves a part to another port."""
    return f"ALLIANCE_PORT_{name.upper()}"


def port_of(name: str, default: int) -> int:
    """The port of a part: the environment's, or the default. Told names a setting that is no port."""
    text = os.environ.get(port_setting(name), str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Told(
            Words(
                f"{port_setting(name)} 必须是 1 到 65535 的端口，而不是 {text!r}",
                f"{port_setting(name)} must be a port between 1 and 65535, not {text!r}",
            )
        )
    return int(text)


def server_port(name: str) -> int:
    """Where PostgreSQL (`postgres`) or Kafka (`kafka`, `kafka_controller`) listens locally."""
    return port_of(name, DEFAULT_PORTS[name])


def all_services() -> tuple[Service, ...]:
    """Every service in the order of the list."""
    listed = tomllib.loads((ROOT / "deploy/services.toml").read_text(encoding="utf-8"))["service"]
    return tuple(
        Service(
            name=row["name"],
            port=port_of(row["name"], row["port"]),
            publishes=row.get("publishes", False),
            secrets=tuple(row.get("secrets", ())),
            entrance=row.get("entrance", False),
        )
        for row in listed
    )


def behind_the_entrance() -> tuple[Service, ...]:
    """The services that the one address passes /api/<service>/… on to."""
    return tuple(service for service in all_services() if not service.entrance)
