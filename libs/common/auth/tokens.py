"""Access tokens: short-lived, signed with Ed25519, saying who and never what may be done."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import extract_compact

from common.errors import NotSignedIn
from common.text import Bilingual

AUDIENCE = "alliance"
_TYPE = "at+jwt"
LIFETIME = 600
"""Seconds an access token lives."""
_AHEAD = 60
"""Seconds by which the clock of the member registry may be ahead of ours."""
_ALGORITHMS = ["Ed25519"]
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the token speaks of: an account in a session, or an API key."""

    subject: UUID
    session_id: UUID
    machine: bool
    issued_at: datetime
    expires_at: float


def refused(code: str = "token_invalid") -> NotSignedIn:
    """The answer to a token that is wrong; never says in which way beyond `expired`."""
    if code == "token_expired":
        return NotSignedIn(Bilingual(zh="登录已过期，请重新登录。", en="Your sign-in has expired."), code=code)
    return NotSignedIn(Bilingual(zh="令牌无效。", en="The token is not valid."), code=code)


class UnknownKey(Exception):
    """Signed with a key that has not arrived here (yet)."""


class TokenVerifier:
    """Verifies signatures with the keys this service has received; remembers tokens it has verified.

    `issuer` is the public address of the alliance: a copy of it for trying things out signs for nobody here.
    """

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._keys: dict[str, tuple[OKPKey, float, float]] = {}
        self._verified: dict[str, Claims] = {}
        self._given: list[tuple[dict[str, str], datetime, datetime]] = []

    def use_keys(self, jwks: list[tuple[dict[str, str], datetime, datetime]]) -> None:
        """Replace all keys by these (JWK, valid from, valid until) and forget what the former ones verified."""
        if jwks == self._given:
            return
        self._given = jwks
        self._keys = {
            jwk["kid"]: (OKPKey.import_key(dict(jwk)), start.timestamp(), end.timestamp()) for jwk, start, end in jwks
        }
        self._verified.clear()

    def verify(self, token: str) -> Claims:
        """Raises NotSignedIn for a wrong or expired token, UnknownKey when its key is not here."""
        claims = self._verified.get(token)
        if claims is None:
            claims = self._check(token)
            if len(self._verified) >= _REMEMBERED:
                self._verified.clear()
            self._verified[token] = claims
        if claims.expires_at <= time.time():
            raise refused("token_expired")
        return claims

    def _check(self, token: str) -> Claims:
        try:
            key, start, end = self._keys[_key_id(token)]
        except KeyError:
            raise UnknownKey from None
        try:
            found = jwt.decode(token, key, algorithms=_ALGORITHMS).claims
            claims = _claims(found)
        except (JoseError, ValueError, KeyError, TypeError):
            raise refused() from None
        issued = claims.issued_at.timestamp()
        too_long = claims.expires_at - issued > LIFETIME + 1
        ours = found.get("aud") == AUDIENCE and found.get("iss") == self._issuer
        if not start - _AHEAD <= issued <= min(end, time.time() + _AHEAD) or too_long or not ours:
            raise refused()
        return claims


def _key_id(token: str) -> str:
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError, KeyError, TypeError):
        raise refused() from None
    if header.get("alg") not in _ALGORITHMS or header.get("typ") != _TYPE or not isinstance(header.get("kid"), str):
        raise refused()
    return str(header["kid"])


def _claims(found: dict[str, Any]) -> Claims:
    return Claims(
        subject=UUID(found["sub"]),
        session_id=UUID(found["sid"]),
        machine=bool(found.get("machine", False)),
        issued_at=datetime.fromtimestamp(float(found["iat"]), UTC),
        expires_at=float(found["exp"]),
    )


def sign(key: OKPKey, *, subject: UUID, session_id: UUID, machine: bool, now: datetime, issuer: str) -> str:
    """A token for `LIFETIME` seconds; only the member registry has a private key."""
    issued = now.timestamp()
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": str(subject),
        "sid": str(session_id),
        "machine": machine,
        "iat": issued,
        "exp": int(issued) + LIFETIME,
    }
    return jwt.encode({"alg": "Ed25519", "kid": key.kid, "typ": _TYPE}, claims, key, algorithms=_ALGORITHMS)
