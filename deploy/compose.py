"""Docker Compose: generates its secrets (`python3 -m deploy.compose`), compares its file with the services' list."""

import base64
import os
import re
import secrets
import sys
from collections.abc import Iterator
from typing import Any

from deploy.services import MIGRATOR, ROOT, Service, all_services
from deploy.words import Words

SECRETS = ROOT / "deploy/compose.env"
EXAMPLE = ROOT / "deploy/compose.env.example"
FILE = ROOT / "docker-compose.yml"


def names() -> list[str]:
    """Every variable the file asks for."""
    roles = ["postgres", MIGRATOR, *(service.name for service in all_services())]
    given = sorted({f"ALLIANCE_{name.upper()}" for service in all_services() for name in service.secrets})
    return [*(f"ALLIANCE_PASSWORD_{role.upper()}" for role in roles), *given, "ALLIANCE_KAFKA_CLUSTER_ID"]


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
    """Where docker-compose.yml differs from the list of services or from how this project runs containers."""
    from ruamel.yaml import YAML

    content: dict[str, Any] = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    faults = [fault for service in all_services() for fault in _service_faults(service, content["services"])]
    asked = set(re.findall(r"\$\{(\w+):\?\}", FILE.read_text(encoding="utf-8")))
    listed = set(re.findall(r"^(\w+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
    for name in sorted(asked ^ set(names())):
        faults.append(
            f"{name}: {Words('compose 文件与 deploy.compose 不一致', 'compose file and deploy.compose disagree')}"
        )
    for name in sorted(listed ^ set(names())):
        faults.append(f"{name}: {Words('示例与 deploy.compose 不一致', 'example and deploy.compose disagree')}")
    return "\n".join(faults)


def _service_faults(service: Service, containers: dict[str, Any]) -> Iterator[str]:
    if service.name not in containers:
        yield f"{service.name}: {Words('缺少', 'missing')}"
        return
    container = containers[service.name]
    told = container["environment"]
    expected = {"ALLIANCE_SERVICE": service.name, "ALLIANCE_KAFKA": "kafka:19092"}
    yield from (
        f"{service.name}: {key} = {told.get(key)!r}" for key, value in expected.items() if told.get(key) != value
    )
    if f"postgresql://{service.name}:" not in told.get("ALLIANCE_DATABASE_URL", ""):
        yield f"{service.name}: {Words('数据库地址没有用自己的角色', 'its database URL does not use its own role')}"
    yield from (
        f"{service.name}: {Words(f'缺少密钥 {name}', f'secret {name} is missing')}"
        for name in service.secrets
        if f"ALLIANCE_{name.upper()}" not in told
    )
    if container.get("command") != ["common.serving", service.name] or not container.get("read_only"):
        yield f"{service.name}: {Words('运行方式与其他服务不同', 'not run as the other services are')}"
    yield from (f"{service.name}: {fault}" for fault in _trust_faults(service, containers))
    behind = [other.name for other in all_services() if not other.entrance]
    if service.entrance and any(f'"http://{name}:8000"' not in told.get("ALLIANCE_UPSTREAMS", "") for name in behind):
        yield f"{service.name}: {Words('不知道后面的每个服务', 'does not know every service behind it')}"


def _trust_faults(service: Service, containers: dict[str, Any]) -> Iterator[str]:
    """Whose word a service takes for where a request comes from: the portal's, and the portal nobody's."""
    entrance = next(other.name for other in all_services() if other.entrance)
    address = containers[entrance].get("networks", {}).get("default", {}).get("ipv4_address")
    believed = containers[service.name]["environment"].get("FORWARDED_ALLOW_IPS")
    if believed != (None if service.entrance else address):
        yield f"{Words(f'相信 {believed} 所说的来源', f'believes {believed} where a request comes from')}"


if __name__ == "__main__":
    sys.exit(main())
