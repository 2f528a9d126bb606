"""Facts that travel over Kafka: one frozen class per fact, one module per producing service."""

from common.events.base import Event, decode, event_types

__all__ = ["Event", "decode", "event_types"]
