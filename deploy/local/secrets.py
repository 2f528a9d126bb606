"""Passwords and keys of this checkout: generated once, kept in one file that only its owner can read."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

FIRST_SECRETARIAT = "secretariat@demo.example"


class Secrets:
    """The generated secrets of one state folder; a missing one is generated when it is first asked for."""

    def __init__(self, state: Path) -> None:
        self.file = state / "secrets.json"

    def password(self, role: str) -> str:
        """The password of a database role."""
        return self._get(f"password_{role}", lambda: secrets.token_hex(24))

    def knows(self, role: str) -> bool:
        """Whether this role's password has been generated."""
        return f"password_{role}" in self.known()

    def key_secret(self) -> str:
        """What member_registry encrypts its signing keys with."""
        return self._get("key_secret", lambda: secrets.token_urlsafe(32))

    def first_secretariat(self) -> str:
        """E-mail and password of the first secretariat account, joined by a colon."""
        return self._get("first_secretariat", lambda: f"{FIRST_SECRETARIAT}:{secrets.token_urlsafe(9)}")

    def cluster_id(self) -> str:
        """Kafka's cluster id: 16 bytes in 22 URL-safe characters, the first never a dash, which would be an option."""
        return self._get("cluster_id", lambda: _text(b"\x40" + secrets.token_bytes(15)))

    def named(self, name: str) -> str:
        """A secret by the name `services.toml` uses."""
        return {"key_secret": self.key_secret, "first_secretariat": self.first_secretariat}[name]()

    def known(self) -> dict[str, str]:
        """Every secret generated so far."""
        return dict(json.loads(self.file.read_text())) if self.file.exists() else {}

    def _get(self, name: str, make: Callable[[], str]) -> str:
        if (value := self.known().get(name)) is not None:
            return value
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # several servers ask for their first secret at the same time
            known = self.known()
            if name not in known:
                known[name] = make()
                self._write(known)
        return known[name]

    def _write(self, known: dict[str, str]) -> None:
        new = self.file.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(known, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.file)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
