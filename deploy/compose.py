"""Docker Compose: generates its secrets (`python3 -m deploy.compose`), compares its file with the services' list."""

import base64
import os
import re
import secrets
import sys
from collections.abc import Iterator
from typing import Any

from deploy.services import MIGRATOR, ROOT, Service, all_services, behind_the_entrance
from deploy.words import Words

SECRETS = ROOT / "deploy/compose.env"
EXAMPLE = ROOT / "deploy/compose.env.example"
FILE = ROOT / "docker-compose.yml"
OF_SERVERS = ("ALLIANCE_PASSWORD_POSTGRES", "ALLIANCE_KAFKA_CLUSTER_ID")


def names() -> list[str]:
    """Every variable the file asks for."""
    roles = [MIGRATOR, *(service.name for service in all_services())]
    given = sorted({f"ALLIANCE_{name.upper()}" for service in all_services() for name in service.secrets})
    return [*OF_SERVERS, *map(_password, roles), *given]


def generate(name: str) -> str:
    """A secret that fits its use: passwords stand in URLs, an account needs an e-mail address."""
    if name == "ALLIANCE_KAFKA_CLUSTER_ID":
        return base64.urlsafe_b64encode(b"\x40" + secrets.token_bytes(15)).decode().rstrip("=")
    if name == "ALLIANCE_FIRST_SECRETARIAT":
        return f"secretariat@demo.example:{secrets.token_urlsafe(9)}"
    return secrets.token_hex(24)


def main() -> int:
    """Writes the secrets once; those that are there stay, missing ones are added."""
    there = SECRETS.read_text(encoding="utf-8") if SECRETS.exists() else ""
    missing = [name for name in names() if not re.search(rf"^{name}=.", there, re.MULTILINE)]
    with os.fdopen(os.open(SECRETS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        file.writelines(f"{name}={generate(name)}\n" for name in missing)
    made, were = len(missing), len(names()) - len(missing)
    print(
        f"{SECRETS.relative_to(ROOT)}: {Words(f'新生成 {made} 个，已有 {were} 个', f'{made} made, {were} were there')}"
    )
    return 0


def compose_faults() -> str:
    """What docker-compose.yml and its example of secrets lack for the listed services, and what they have too much."""
    from ruamel.yaml import YAML

    text = FILE.read_text(encoding="utf-8")
    containers: dict[str, Any] = YAML(typ="safe").load(text)["services"]
    found = [fault for service in all_services() for fault in _service_faults(service, containers)]
    asked = set(re.findall(r"\$\{(\w+):\?\}", text))
    found += [*_setup_faults(containers), *_demo_faults(containers), *_needless(asked)]
    found += [_lacks(f"${{{name}:?}}") for name in OF_SERVERS if name not in asked]
    shown = set(re.findall(r"^(\w+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    return "\n".join(
        [
            *(f"{FILE.name}: {fault}" for fault in found),
            *(f"{EXAMPLE.relative_to(ROOT)}: {_lacks(f'{name}=')}" for name in names() if name not in shown),
            *(f"{EXAMPLE.relative_to(ROOT)}: {fault}" for fault in _needless(shown)),
        ]
    )


def container_of(service: Service) -> str:
    """The lines of the file that run a service behind the portal."""
    password = f"${{{_password(service.name)}:?}}"
    secrets_given = (f"      ALLIANCE_{name.upper()}: ${{ALLIANCE_{name.upper()}:?}}\n" for name in service.secrets)
    return f"""  {service.name}:
    <<: *service
    command: [common.serving, {service.name}]
    environment:
      <<: *behind-the-portal
      ALLIANCE_SERVICE: {service.name}
      ALLIANCE_DATABASE_URL: postgresql://{service.name}:{password}@postgres:5432/alliance
{"".join(secrets_given)}"""


def _lacks(what: str, part: str = "") -> str:
    return str(Words(f"{part} 缺少 {what}".strip(), f"{part} lacks {what}".strip()))


def _password(role: str) -> str:
    return f"ALLIANCE_PASSWORD_{role.upper()}"


def _service_faults(service: Service, containers: dict[str, Any]) -> Iterator[str]:
    name = service.name
    if name not in containers:
        yield f"{_lacks(name, 'services')}:\n\n{container_of(service)}"
        return
    container = containers[name]
    told = container["environment"]
    expected = {"ALLIANCE_SERVICE": name, "ALLIANCE_KAFKA": "kafka:19092"}
    yield from (f"{name}: {key} = {told.get(key)!r}" for key, value in expected.items() if told.get(key) != value)
    if f"postgresql://{name}:${{{_password(name)}:?}}@" not in told.get("ALLIANCE_DATABASE_URL", ""):
        yield f"{name}: {Words('数据库地址没有用自己的角色', 'its database URL does not use its own role')}"
    for secret in service.secrets:
        if f"ALLIANCE_{secret.upper()}" not in told:
            yield _lacks(f"ALLIANCE_{secret.upper()}", name)
    if container.get("command") != ["common.serving", name] or not container.get("read_only"):
        yield f"{name}: {Words('运行方式与其他服务不同', 'not run as the other services are')}"
    yield from (f"{name}: {fault}" for fault in _trust_faults(service, containers))
    for other in behind_the_entrance() if service.entrance else ():
        address = f'"{other.name}": "http://{other.name}:8000"'
        if address not in told.get("ALLIANCE_UPSTREAMS", ""):
            yield f"{name}: {_lacks(address, 'ALLIANCE_UPSTREAMS')}"


def _trust_faults(service: Service, containers: dict[str, Any]) -> Iterator[str]:
    """Whose word a service takes for where a request comes from: the portal's, and the portal nobody's."""
    entrance = next(other.name for other in all_services() if other.entrance)
    address = containers[entrance].get("networks", {}).get("default", {}).get("ipv4_address")
    believed = containers[service.name]["environment"].get("FORWARDED_ALLOW_IPS")
    if believed != (None if service.entrance else address):
        yield f"{Words(f'相信 {believed} 所说的来源', f'believes {believed} where a request comes from')}"


def _setup_faults(containers: dict[str, Any]) -> Iterator[str]:
    """The set-up makes every role, so it is told every password."""
    told = containers["setup"]["environment"]
    for role in (MIGRATOR, *(service.name for service in all_services())):
        if _password(role) not in told:
            yield _lacks(f"{_password(role)}: ${{{_password(role)}:?}}", "setup")


def _demo_faults(containers: dict[str, Any]) -> Iterator[str]:
    """The demonstration is loaded once everything answers."""
    for service in all_services():
        if service.name not in containers["demo"]["depends_on"]:
            yield _lacks(f"{service.name}: {{ condition: service_healthy }}", "demo.depends_on")


def _needless(given: set[str]) -> Iterator[str]:
    for name in sorted(given - set(names())):
        said = (
            f"{name} 不属于 deploy/services.toml 里的任何服务",
            f"{name} belongs to no service of deploy/services.toml",
        )
        yield str(Words(*said))


if __name__ == "__main__":
    sys.exit(main())
