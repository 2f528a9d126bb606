"""What the services promise one another: published schemas, compatible changes, samples that are read for ever."""

import gzip
import hashlib
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
from common.outbox import OutboxRow, record_headers
from deploy.contracts.__main__ import RELEASED
from deploy.contracts.documents import FOLDER, asyncapi, documents, events, name_of, render
from deploy.services import ROOT

SAMPLES = ROOT / "tests/contracts/samples"
SEALED = SAMPLES / "SHA256SUMS"


def test_published_contracts_say_what_the_code_says() -> None:
    stale = [
        str(path.relative_to(ROOT))
        for path, document in documents().items()
        if not path.exists() or path.read_text(encoding="utf-8") != render(document)
    ]
    assert stale == [], "run: python -m deploy.contracts"


def test_the_asyncapi_document_is_valid() -> None:
    with gzip.open(ROOT / "tests/contracts/asyncapi-3.0.0.schema.json.gz", "rt", encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator(schema).validate(asyncapi())


def test_every_schema_named_by_the_asyncapi_document_is_published() -> None:
    for message in asyncapi()["components"]["messages"].values():
        jsonschema.Draft202012Validator.check_schema(json.loads((FOLDER / message["payload"]["$ref"]).read_text()))


@pytest.mark.parametrize("name", sorted(events()))
def test_each_event_has_a_sample_that_can_be_read(name: str) -> None:
    event_class = events()[name]
    found = sorted((SAMPLES / event_class.producer).glob(f"{name.partition('/')[2].removesuffix('.v1')}*.json"))
    assert found, f"add a sample of {name} to tests/contracts/samples/{event_class.producer}/"
    schema = jsonschema.Draft202012Validator(json.loads((FOLDER / f"{name}.json").read_text()))
    for sample in found:
        event = decode(event_class, sample.read_bytes())
        schema.validate(json.loads(event.model_dump_json()))


def test_samples_are_added_and_never_edited() -> None:
    sealed = {line.split("  ")[1]: line.split("  ")[0] for line in SEALED.read_text().splitlines()}
    present = {
        str(path.relative_to(SAMPLES)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in SAMPLES.rglob("*.json")
    }
    assert present == sealed, "add a new sample and its line to SHA256SUMS; never change an old one"


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
    row = OutboxRow.of(event, actor="account:test")
    columns = ("id", "aggregatetype", "aggregateid", "version", "type", "payload", "headers")
    headers = record_headers(dict(zip(columns, row.columns(), strict=True)), "feeds")
    message = KafkaMessage(headers=dict(headers), key=str(event.item_id).encode(), value=row.payload.encode())
    read = from_binary_event(message, JSONFormat())
    assert (read.get_id(), read.get_type(), read.get_source()) == (str(row.id), FeedItemAdded.type, "/feeds")
    assert (read.get_subject(), read.get_datacontenttype()) == (str(event.item_id), "application/json")
    assert read.get_extension("aggregateversion") == "3"
    assert isinstance(read, CloudEvent)
    assert read.get_data() == json.loads(row.payload)


def test_every_event_names_an_aggregate_it_carries() -> None:
    assert events()
    for event in event_types().values():
        assert event.aggregate in event.model_fields, event
        assert issubclass(event, Event)
        assert name_of(event).endswith(".v1")
