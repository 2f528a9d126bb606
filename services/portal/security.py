"""What protects a person's browser: response headers, the cross-site check, form tokens and local redirects."""

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

HEADERS = {
    # No inline script or style anywhere: everything comes from this address, images may also be data (Tabler's icons).
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def form_token(cookie: str) -> str:
    """The token every form carries: derived from the secret session cookie, so that it needs no place of its own."""
    return hmac.new(cookie.encode(), b"alliance form token", hashlib.sha256).hexdigest()


def token_is_right(cookie: str, token: object) -> bool:
    """Whether a submitted form came from a page that this browser was given."""
    return bool(cookie) and isinstance(token, str) and hmac.compare_digest(form_token(cookie).encode(), token.encode())


def comes_from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that another site caused this request (Sec-Fetch-Site, or Origin in older ones)."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def local_path(target: str | None, otherwise: str = "/") -> str:
    """The target if it is a path on this address, else the other one: nobody is sent to a stranger's page."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    if any(ord(character) < 33 or character == "\\" for character in target) or urlsplit(target).netloc:
        return otherwise
    return target


class Guard:
    """Puts the headers on every page and refuses changes that another site caused."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if scope["method"] not in SAFE_METHODS and comes_from_elsewhere(Headers(scope=scope)):
            refusal = PlainTextResponse(
                "来自其他网站的请求已被拒绝。\nA request caused by another site was refused.\n", 403
            )
            await refusal(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)
