"""Passwords and keys of this checkout: generated once, kept in one file that only its owner can read."""

import base64
import json
import os
import secrets
from pathlib import Path

FIRST_SECRETARIAT = "secretariat@alliance.example"


class Secrets:
    """The generated secrets of one state folder; a missing one is generated when it is first asked for."""

    def __init__(self, state: Path) -> None:
        self.file = state / "secrets.json"

    def password(self, role: str) -> str:
        """The password of a database role."""
        return self._get(f"password_{role}", lambda: secrets.token_hex(24))

    def key_secret(self) -> str:
        """What member_registry encrypts its signing keys with."""
        return self._get("key_secret", lambda: secrets.token_urlsafe(32))

    def first_secretariat(self) -> str:
        """E-mail and password of the first secretariat account, joined by a colon."""
        return self._get("first_secretariat", lambda: f"{FIRST_SECRETARIAT}:{secrets.token_urlsafe(9)}")

    def cluster_id(self) -> str:
        """Kafka's cluster id: 16 random bytes in 22 URL-safe characters."""
        return self._get("cluster_id", _cluster_id)

    def named(self, name: str) -> str:
        """A secret by the name `services.toml` uses."""
        value: str = {"key_secret": self.key_secret, "first_secretariat": self.first_secretariat}[name]()
        return value

    def _get(self, name: str, make: object) -> str:
        known: dict[str, str] = json.loads(self.file.read_text()) if self.file.exists() else {}
        if name not in known:
            assert callable(make)
            known[name] = make()
            self._write(known)
        return known[name]

    def _write(self, known: dict[str, str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(known, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.file)


def _cluster_id() -> str:
    """Starts with a letter: Kafka's tools would take a leading dash for an option."""
    return base64.urlsafe_b64encode(b"\x40" + secrets.token_bytes(15)).decode().rstrip("=")
