"""Topics: one for each service that publishes, one for the dead letters of each, with the settings of one file."""

import tomllib
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from common.kafka import dead_letter_topic, replay_topic
from deploy.services import ROOT, all_services
from deploy.words import Told, Words


@dataclass(frozen=True)
class Topic:
    """A topic as it should be."""

    name: str
    partitions: int
    config: dict[str, str]


def wanted_topics() -> list[Topic]:
    """Every topic the list of services calls for."""
    settings = tomllib.loads((ROOT / "deploy/kafka/topics.toml").read_text(encoding="utf-8"))
    facts, dead = settings["topics"], settings["dead_letters"]
    topics = []
    for service in all_services():
        if service.publishes:
            topics.append(Topic(service.name, facts["partitions"], facts["config"]))
        for name in (dead_letter_topic(service.name), replay_topic(service.name)):
            topics.append(Topic(name, dead["partitions"], dead["config"]))
    return topics


async def prepare_topics(bootstrap: str) -> None:
    """Creates what is missing and brings partitions and settings of what is there up to the file's."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="setup")
    await client.start()
    try:
        await _create(client, wanted_topics())
        await _add_partitions(client, wanted_topics())
        await _configure(client, wanted_topics())
    finally:
        await client.close()


async def _create(client: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    new = [NewTopic(topic.name, topic.partitions, 1, topic_configs=topic.config) for topic in topics]
    answer = await client.create_topics(new)
    # Errors are only in the answer: the call itself succeeds.
    _check(
        ((name, code) for name, code, *_ in answer.topic_errors),
        Words("建立", "create"),
        tolerated=TopicAlreadyExistsError.errno,
    )


async def _add_partitions(client: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    there = {
        row["topic"]: len(row["partitions"]) for row in await client.describe_topics([topic.name for topic in topics])
    }
    few = {topic.name: NewPartitions(topic.partitions) for topic in topics if 0 < there[topic.name] < topic.partitions}
    if few:
        answer = await client.create_partitions(few)
        _check(((name, code) for name, code, *_ in answer.topic_errors), Words("增加分区", "add partitions to"))


async def _configure(client: AIOKafkaAdminClient, topics: list[Topic]) -> None:
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name, topic.config) for topic in topics]
    for answer in await client.alter_configs(resources):
        _check(((name, code) for code, _message, _kind, name in answer.resources), Words("配置", "configure"))


def _check(errors: object, verb: Words, tolerated: int = 0) -> None:
    for name, code in errors:  # type: ignore[attr-defined]
        if code not in (0, tolerated):
            why = for_code(code).__name__
            raise Told(
                Words(f"Kafka 拒绝{verb.zh}主题 {name}：{why}", f"Kafka refused to {verb.en} topic {name}: {why}")
            )
