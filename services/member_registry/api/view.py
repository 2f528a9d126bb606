"""What all answers have in common."""

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True)
