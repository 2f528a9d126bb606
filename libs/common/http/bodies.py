"""What requests and answers have in common."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """Base of all requests: unknown fields are refused, a misspelt name must not be lost in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class View(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True)
