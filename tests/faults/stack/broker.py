"""The product's broker with one more address for each service process, so that each reaches it by its own proxy."""

from collections.abc import Mapping
from pathlib import Path

from deploy.local import kafka
from deploy.local.ports import HOST


class Broker(kafka.Broker):
    """Clients are sent where a listener says: `ways` maps a listener's name to its own port and its proxy's."""

    def __init__(self, state: Path, port: int, *, controller_port: int, ways: Mapping[str, tuple[int, int]]) -> None:
        super().__init__(state, port, controller_port=controller_port)
        self._ways = ways

    def _write_settings(self) -> Path:
        target = super()._write_settings()
        here = {"PLAINTEXT": self.port, "CONTROLLER": self.controller_port}
        listeners = here | {name: inner for name, (inner, _) in self._ways.items()}
        told = here | {name: outer for name, (_, outer) in self._ways.items()}
        lines = [
            "listeners=" + ",".join(f"{name}://{HOST}:{port}" for name, port in listeners.items()),
            "advertised.listeners=" + ",".join(f"{name}://{HOST}:{port}" for name, port in told.items()),
            "listener.security.protocol.map=" + ",".join(f"{name}:PLAINTEXT" for name in listeners),
        ]
        with target.open("a", encoding="utf-8") as settings:
            settings.write("\n".join(lines) + "\n")
        return target
