"""What every event is: a frozen fact about one aggregate, with that aggregate's version."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

_types: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """Base of all events; writers cannot invent fields, readers ignore fields they do not know.

    Every change of an aggregate publishes exactly one event and raises its version by one, so a reader that sees
    versions 3 and 5 knows that 4 is missing. Subclasses name themselves and the field that holds the aggregate's id:
    `class NeedPublished(Event, name="need.published", aggregate="need_id")`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    producer: ClassVar[str]
    type: ClassVar[str]
    aggregate: ClassVar[str]
    aggregate_type: ClassVar[str]

    version: int = Field(ge=1, description="version of the aggregate after this change, rising by one")
    at: datetime = Field(description="when it happened, UTC")

    def __init_subclass__(cls, *, name: str = "", aggregate: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if name:
            cls.producer = cls.__module__.rpartition(".")[2]
            cls.type = f"org.alliance.{cls.producer}.{name}.v1"
            cls.aggregate = aggregate
            cls.aggregate_type = name.partition(".")[0]
            _types[cls.type] = cls

    @property
    def aggregate_id(self) -> UUID:
        """The key of the record: events of one aggregate stay in order."""
        return getattr(self, self.aggregate)  # type: ignore[no-any-return]


class Body(BaseModel):
    """Base of the values inside events; the same rules as for events."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def event_types() -> dict[str, type[Event]]:
    """All known event classes by their CloudEvents type."""
    return dict(_types)


def decode(event_class: type[Event], data: bytes) -> Event:
    """The event in these JSON bytes; unknown fields are ignored. Raises pydantic's ValidationError."""
    return event_class.model_validate_json(data, extra="ignore")
