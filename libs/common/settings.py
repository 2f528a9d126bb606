"""Every setting of a service process, read once from the environment (`ALLIANCE_*`) at start."""

from functools import cache
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Frozen; the local stack, Compose and Kubernetes set the same names."""

    model_config = SettingsConfigDict(env_prefix="ALLIANCE_", frozen=True, extra="ignore")

    service: str
    instance: int = Field(default=0, ge=0, description="number of this process among its equals; names it in its group")
    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65535)
    database_url: SecretStr
    pool_size: int = Field(default=8, ge=2, le=64)
    kafka: str = Field(description="host:port of a broker to start from")
    upstreams: dict[str, str] = Field(default_factory=dict, description="portal only: service name -> its address")
    public_url: str = "http://127.0.0.1:8080"
    otlp_endpoint: str | None = Field(default=None, description="where spans go; none are sent when unset")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    key_secret: SecretStr | None = Field(default=None, description="member_registry only: seals its signing keys")
    first_secretariat: SecretStr | None = Field(default=None, description="member_registry only: email:password")
    body_limit: int = Field(default=1_048_576, description="largest request body, bytes")
    rate_limit: int = Field(default=600, ge=1, description="requests a second one caller may make to one process")
    cookie_secure: bool | None = None


@cache
def settings() -> Settings:
    """The process's settings; raises pydantic's error, which names each missing or wrong variable."""
    return Settings()  # type: ignore[call-arg]  # the environment supplies the arguments
