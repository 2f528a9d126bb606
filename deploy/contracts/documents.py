"""What the contracts say: one JSON Schema an event, and who sends and receives it as AsyncAPI 3."""

import importlib
import json
from pathlib import Path
from typing import Any

from common.events import Event, event_types
from common.kafka import PARTITIONS
from common.serving import load
from deploy.services import ROOT, all_services

EVENTS = ROOT / "libs/common/events"
FOLDER = ROOT / "docs/contracts"

_HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "content-type"],
    "properties": {
        "content-type": {"const": "application/json"},
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "with ce_source the key for doing things once"},
        "ce_source": {"type": "string", "description": "/<producing service>"},
        "ce_type": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": {"type": "string", "format": "uuid", "description": "id of the aggregate; the record's key"},
        "ce_partitionkey": {"type": "string", "format": "uuid"},
        "ce_aggregateversion": {"type": "string", "pattern": "^[0-9]+$"},
        "ce_actor": {"type": "string", "description": "account:<id> or service:<name>"},
        "traceparent": {"type": "string", "description": "W3C trace context of what caused the event"},
    },
}


def events() -> dict[str, type[Event]]:
    """All events by `<producer>/<entity>.<past participle>.v1`."""
    for service in all_services():
        if service.publishes:
            importlib.import_module(f"common.events.{service.name}")
    return {name_of(event): event for event in event_types().values()}


def name_of(event: type[Event]) -> str:
    return f"{event.producer}/{event.type.removeprefix(f'org.alliance.{event.producer}.')}"


def schemas() -> dict[str, dict[str, Any]]:
    """What a record's value looks like, for those who read it (JSON Schema 2020-12)."""
    return {
        name: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **event.model_json_schema(mode="serialization"),
        }
        for name, event in sorted(events().items())
    }


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0: a channel a topic, a message an event, an operation for each service and channel."""
    channels: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for name, event in sorted(events().items()):
        identifier = event.type.replace(".", "_")
        messages[identifier] = {
            "name": event.type,
            "title": event.__name__,
            "summary": (event.__doc__ or "").strip().splitlines()[0],
            "contentType": "application/json",
            "headers": _HEADERS,
            "payload": {"$ref": f"./{name}.json"},
        }
        channel = channels.setdefault(event.producer, _channel(event.producer))
        channel["messages"][identifier] = {"$ref": f"#/components/messages/{identifier}"}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Alliance Hub events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in Kafka binary mode; events of one aggregate stay in order.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": _operations(),
        "components": {"messages": messages},
    }


def _channel(topic: str) -> dict[str, Any]:
    return {
        "address": topic,
        "description": f"Facts published by {topic}.",
        "messages": {},
        "bindings": {"kafka": {"topic": topic, "partitions": PARTITIONS, "bindingVersion": "0.5.0"}},
    }


def _operations() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for listed in all_services():
        service = load(listed.name)
        sent: dict[str, list[type[Event]]] = {listed.name: list(service.publishes)} if service.publishes else {}
        received: dict[str, list[type[Event]]] = {}
        for row in service.wiring:
            received.setdefault(row.event.producer, []).append(row.event)
        for action, topics in (("send", sent), ("receive", received)):
            for topic, types in topics.items():
                found[f"{listed.name}_{action}_{topic}"] = _operation(action, topic, types)
    return found


def _operation(action: str, topic: str, types: list[type[Event]]) -> dict[str, Any]:
    identifiers = sorted({event.type.replace(".", "_") for event in types})
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "messages": [{"$ref": f"#/channels/{topic}/messages/{identifier}"} for identifier in identifiers],
    }


def documents() -> dict[Path, Any]:
    """Every published file and what must stand in it."""
    return {
        **{FOLDER / f"{name}.json": schema for name, schema in schemas().items()},
        FOLDER / "asyncapi.json": asyncapi(),
    }


def render(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
