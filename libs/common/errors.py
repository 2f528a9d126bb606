"""The one tree of errors a person or program may be told about, each with its status and a text in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.text import Bilingual


@dataclass(frozen=True)
class FieldError:
    """One wrong field: where it is, what is wrong with it and what would be right."""

    field: str
    code: str
    message: Bilingual
    remedy: Bilingual | None = None


class AllianceError(Exception):
    """Answered as problem details (RFC 9457): `status`, a stable `code`, a title and a detail in both languages."""

    status = 500
    code = "internal_error"
    title = Bilingual(zh="系统内部错误", en="Internal error")

    def __init__(
        self,
        detail: Bilingual | None = None,
        *,
        code: str | None = None,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.detail = detail
        self.code = code or type(self).code
        self.errors = errors
        self.headers = dict(headers or {})
        super().__init__(detail.en if detail else self.title.en)


class MalformedRequest(AllianceError):
    """The bytes are not what the protocol asks for (bad JSON, a missing header)."""

    status, code = 400, "malformed_request"
    title = Bilingual(zh="请求格式有误", en="The request is malformed")


class InvalidInput(AllianceError):
    """Well-formed, but a field is missing, of the wrong type or out of range."""

    status, code = 422, "invalid_input"
    title = Bilingual(zh="有字段填写不正确", en="Some fields are not right")


class NotSignedIn(AllianceError):
    """No credentials, or credentials that are wrong, expired or revoked."""

    status, code = 401, "not_signed_in"
    title = Bilingual(zh="请先登录", en="Please sign in")

    def __init__(self, detail: Bilingual | None = None, **more: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="alliance"'}, **more)


class NotAllowed(AllianceError):
    """Signed in, but this role may not do this."""

    status, code = 403, "not_allowed"
    title = Bilingual(zh="没有权限", en="Not allowed")


class NotFound(AllianceError):
    """Not there, or not there for this caller: the two are never told apart."""

    status, code = 404, "not_found"
    title = Bilingual(zh="没有找到", en="Not found")


class Conflict(AllianceError):
    """The request is right but the present state does not allow it."""

    status, code = 409, "conflict"
    title = Bilingual(zh="当前状态不允许此操作", en="The present state does not allow this")


class StaleVersion(AllianceError):
    """If-Match names a version that is no longer the present one."""

    status, code = 412, "stale_version"
    title = Bilingual(zh="内容已被他人修改", en="Somebody else has changed this")

    def __init__(self) -> None:
        super().__init__(
            Bilingual(zh="请重新读取最新版本后再修改。", en="Read the newest version and apply your change to it.")
        )


class TooLarge(AllianceError):
    """The body, or a record made from it, is larger than can be kept or sent on."""

    status, code = 413, "too_large"
    title = Bilingual(zh="内容过大", en="Too large")


class VersionRequired(AllianceError):
    """A change must say which version it changes."""

    status, code = 428, "version_required"
    title = Bilingual(zh="缺少 If-Match", en="If-Match is missing")

    def __init__(self) -> None:
        super().__init__(
            Bilingual(
                zh="请在 If-Match 中带上读取时得到的 ETag。", en="Send the ETag you got when reading as If-Match."
            )
        )


class TooManyRequests(AllianceError):
    """A rate limit; `Retry-After` says when to come back (seconds)."""

    status, code = 429, "too_many_requests"
    title = Bilingual(zh="请求过于频繁", en="Too many requests")

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(
            Bilingual(zh=f"请在 {retry_after} 秒后重试。", en=f"Try again in {retry_after} s."),
            headers={"Retry-After": str(retry_after)},
        )


class Unavailable(AllianceError):
    """Something this service needs does not answer; nothing was changed, the request may be repeated."""

    status, code = 503, "unavailable"
    title = Bilingual(zh="服务暂不可用", en="Temporarily unavailable")

    def __init__(self, detail: Bilingual | None = None, retry_after: int = 2) -> None:
        super().__init__(
            detail or Bilingual(zh="数据没有被改动，请稍后重试。", en="Nothing was changed; please try again shortly."),
            headers={"Retry-After": str(retry_after)},
        )
