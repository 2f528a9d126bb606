"""What the services promise one another: published schemas, compatible changes, samples that are read for ever."""

import gzip
import json
from typing import Any

import jsoncompat
import jsonschema
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from common.clock import utc_now
from common.events import Event, decode, event_types
from common.events.feeds import FeedItemAdded
from common.ids import new_id
from common.testing import record_of
from deploy.contracts.__main__ import RELEASED, module_faults, stale_documents
from deploy.contracts.documents import FOLDER, asyncapi, events, name_of
from deploy.contracts.samples import sample_faults, samples_of
from deploy.services import ROOT


def test_every_event_is_published_as_the_code_has_it_and_has_sealed_samples() -> None:
    assert [*module_faults(), *stale_documents(), *sample_faults()] == []


def test_the_asyncapi_document_is_valid() -> None:
    with gzip.open(ROOT / "tests/contracts/asyncapi-3.0.0.schema.json.gz", "rt", encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator(schema).validate(asyncapi())


def test_every_schema_named_by_the_asyncapi_document_is_published() -> None:
    for message in asyncapi()["components"]["messages"].values():
        jsonschema.Draft202012Validator.check_schema(json.loads((FOLDER / message["payload"]["$ref"]).read_text()))


@pytest.mark.parametrize("name", sorted(events()))
def test_every_sample_of_an_event_can_be_read(name: str) -> None:
    event_class = events()[name]
    schema = jsonschema.Draft202012Validator(json.loads((FOLDER / f"{name}.json").read_text()))
    for sample in samples_of(name):
        event = decode(event_class, sample.read_bytes())
        schema.validate(json.loads(event.model_dump_json()))


def test_readers_ignore_what_they_do_not_know_and_writers_cannot_invent() -> None:
    event = FeedItemAdded(version=1, at=utc_now(), item_id=new_id(), subscriber_id=new_id(), number=1)
    body = json.loads(event.model_dump_json()) | {"invented_later": True}
    assert decode(FeedItemAdded, json.dumps(body).encode()) == event
    with pytest.raises(ValueError, match="invented"):
        FeedItemAdded.model_validate(body)


def closed(schema: Any) -> Any:
    """What a writer may write: nothing beyond its own fields."""
    if isinstance(schema, dict):
        inner = {key: closed(value) for key, value in schema.items()}
        return inner | {"additionalProperties": False} if "properties" in schema else inner
    return [closed(value) for value in schema] if isinstance(schema, list) else schema


def opened(schema: Any) -> Any:
    """What a reader accepts: whatever else comes along."""
    if isinstance(schema, dict):
        return {key: opened(value) for key, value in schema.items() if key != "additionalProperties"}
    return [opened(value) for value in schema] if isinstance(schema, list) else schema


def compatible(old: dict[str, Any], new: dict[str, Any]) -> tuple[bool, bool]:
    """(new readers understand old records, old readers understand new records)"""
    backward = jsoncompat.check_compat(json.dumps(closed(old)), json.dumps(opened(new)), "deserializer")
    forward = jsoncompat.check_compat(json.dumps(opened(old)), json.dumps(closed(new)), "serializer")
    return backward, forward


@pytest.mark.parametrize("name", sorted(path.relative_to(RELEASED).as_posix() for path in RELEASED.rglob("*.json")))
def test_events_stay_readable_in_both_directions_since_the_last_release(name: str) -> None:
    released = json.loads((RELEASED / name).read_text())
    present = events()[name.removesuffix(".json")].model_json_schema(mode="serialization")
    assert compatible(released, present) == (True, True)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (True, True)),
        ({"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}, (True, True)),
        ({"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a", "b"]}, (False, True)),
        ({"properties": {"a": {"type": "string"}}}, (False, False)),
    ],
)
def test_the_compatibility_check_itself_is_known_to_bite(change: dict[str, Any], expected: tuple[bool, bool]) -> None:
    old = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    assert compatible(old, old | change) == expected


def test_records_are_cloudevents_in_kafka_binary_mode() -> None:
    event = FeedItemAdded(version=3, at=utc_now(), item_id=new_id(), subscriber_id=new_id(), number=1)
    record = record_of(event)
    headers = dict(record["headers"])
    message = KafkaMessage(headers=headers, key=record["key"], value=record["value"])
    read = from_binary_event(message, JSONFormat())
    assert (read.get_id().encode(), read.get_source()) == (headers["ce_id"], "/feeds")
    assert read.get_type() == FeedItemAdded.type
    assert (read.get_subject(), read.get_datacontenttype()) == (str(event.item_id), "application/json")
    assert read.get_extension("aggregateversion") == "3"
    assert isinstance(read, CloudEvent)
    assert read.get_data() == json.loads(record["value"])


def test_every_event_names_an_aggregate_it_carries() -> None:
    assert events()
    for event in event_types().values():
        assert event.aggregate in event.model_fields, event
        assert issubclass(event, Event)
        assert name_of(event).endswith(".v1")
