"""Keeps secrets closed at rest and marks what comes back to us, all under one secret."""

import hashlib
import hmac

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

SHORTEST_SECRET = 16


class CannotOpen(Exception):
    """Sealed under another secret or for another purpose, or damaged."""


class Seal:
    """Every service and purpose has a key of its own: what was made for one is worth nothing for another."""

    def __init__(self, secret: str, *, of: str) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the secret of a seal needs at least {SHORTEST_SECRET} characters")
        self._secret = secret.encode()
        self._of = of

    def close(self, text: str, *, purpose: str) -> str:
        """Encrypted with AES-256-GCM, as a JWE in compact form."""
        header = {"alg": "dir", "enc": "A256GCM"}
        return str(jwe.encrypt_compact(header, text.encode(), self._key(purpose)))

    def open(self, sealed: str, *, purpose: str) -> str:
        """What was closed, or CannotOpen."""
        try:
            plaintext = jwe.decrypt_compact(sealed, self._key(purpose), algorithms=["dir", "A256GCM"]).plaintext
        except (JoseError, ValueError):
            raise CannotOpen(f"not sealed by us for {purpose}") from None
        assert plaintext is not None
        return plaintext.decode()

    def mark(self, data: bytes, *, purpose: str) -> bytes:
        """32 bytes that only who knows the secret can make for these data (HMAC-SHA256)."""
        return hmac.digest(self._derived(purpose), data, "sha256")

    def _key(self, purpose: str) -> OctKey:
        return OctKey.import_key(self._derived(purpose))

    def _derived(self, purpose: str) -> bytes:
        return hmac.digest(self._secret, f"alliance {self._of} {purpose}".encode(), hashlib.sha256)
