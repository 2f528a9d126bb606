"""The local broker: keeps what it acknowledged, and takes only the jars it was told to take."""

import hashlib
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local import jars, kafka_probe
from deploy.local.failure import Failure
from deploy.local.jars import Jar
from deploy.local.kafka import Broker
from deploy.local.ports import free_port


@pytest.fixture
def jar() -> Jar:
    return Jar("org.example", "trial", "1.0", hashlib.sha256(b"the real thing").hexdigest())


def test_a_jar_with_another_hash_is_refused_and_removed(tmp_path: Path, jar: Jar) -> None:
    fetched = tmp_path / "fetched"
    fetched.write_bytes(b"something else")
    with pytest.raises(Failure, match="is not the file that is expected"):
        jars.accept(jar, fetched, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_jar_with_the_listed_hash_is_taken(tmp_path: Path, jar: Jar) -> None:
    fetched = tmp_path / "fetched"
    fetched.write_bytes(b"the real thing")
    jars.accept(jar, fetched, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["trial-1.0.jar"]
    assert jars.missing(tmp_path, [jar]) == []


def test_half_a_jar_counts_as_missing(tmp_path: Path, jar: Jar) -> None:
    (tmp_path / jar.file_name).write_bytes(b"the real")
    assert jars.missing(tmp_path, [jar]) == [jar]


def test_the_list_names_every_jar_once_with_a_whole_hash() -> None:
    listed = jars.listed()
    assert len({jar.file_name for jar in listed}) == len(listed) == 46
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in listed)


def test_a_port_nobody_listens_on_does_not_serve() -> None:
    assert not kafka_probe.serves("127.0.0.1", free_port())


async def test_an_acknowledged_record_is_there_after_kill_9_and_after_a_half_made_folder(state: Path) -> None:
    broker = Broker(state, free_port(), controller_port=free_port())
    half = state / "kafka/data"
    half.mkdir(parents=True)
    (half / "meta.properties").write_text("version=1\n")  # formatting was interrupted here
    broker.start()
    await _create_topic(broker)
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
        await producer.send_and_wait("trial", b"kept")
    broker.kill()
    broker.start()
    assert await _first_record(broker) == b"kept"
    broker.stop()
    assert not kafka_probe.serves("127.0.0.1", broker.port)


async def _create_topic(broker: Broker) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    answer = await admin.create_topics([NewTopic("trial", 1, 1)])
    await admin.close()
    assert answer.topic_errors[0][1] == 0


async def _first_record(broker: Broker) -> bytes | None:
    async with AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition("trial", 0)])
        record = await consumer.getone()
        return bytes(record.value)
