"""Repeated POSTs: the same Idempotency-Key and body get the first answer, another body is refused (IETF draft 07)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from common.errors import AllianceError
from common.text import Bilingual


class KeyReused(AllianceError):
    """The same key came with another request; draft-ietf-httpapi-idempotency-key-header section 2.6."""

    status, code = 422, "idempotency_key_reused"
    title = Bilingual(zh="Idempotency-Key 已用于另一个请求", en="This Idempotency-Key was used for another request")

    def __init__(self) -> None:
        super().__init__(Bilingual(zh="请为新的请求使用新的键。", en="Use a new key for a new request."))


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer that can be given again, byte for byte."""

    status: int
    headers: dict[str, str]
    body: bytes


class Replay(Exception):
    """This request was carried out before; the first answer is given again and nothing happens twice."""

    def __init__(self, answer: Remembered) -> None:
        self.answer = answer
        super().__init__("repeated request")


@dataclass(frozen=True, slots=True)
class RepeatableRequest:
    """Who sent which request under which key; the fingerprint covers method, path and body."""

    caller_id: UUID
    key: str
    fingerprint: bytes

    def key_columns(self) -> tuple[UUID, str, bytes]:
        return self.caller_id, self.key, self.fingerprint

    def answer_from(self, row: Mapping[str, Any]) -> Remembered:
        """The kept answer; raises KeyReused when the key was used for another request."""
        if bytes(row["fingerprint"]) != self.fingerprint:
            raise KeyReused
        return Remembered(row["status"], row["headers"], bytes(row["body"]))
