"""A taken port is noticed before anything starts, and named with its holder and the setting that moves it."""

import contextlib
import socket
from collections.abc import Mapping

import psutil

from deploy.local.failure import Failure
from deploy.services import port_setting
from deploy.words import Words

HOST = "127.0.0.1"


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port(host: str = HOST) -> int:
    """A port that nobody listens on at this moment, for tests and trial servers."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def holder(port: int) -> Words:
    """Who listens there, as far as this user may see it."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,)
            if listens and connection.pid:
                found = f"{connection.pid} ({psutil.Process(connection.pid).name()})"
                return Words(f"进程 {found}", f"process {found}")
    return Words("另一个程序", "another program")


def claim(port: int, *, what: str, setting: str) -> None:
    """Fails with a message a person can act on when the port is taken."""
    if not is_free(port):
        by, other = holder(port), f"{setting}={port + 1000} make run"
        raise Failure(
            Words(
                f"{what} 无法启动：端口 {port} 被{by.zh}占用", f"{what} cannot start: port {port} is taken by {by.en}"
            ),
            remedy=Words(f"停掉那个程序，或换一个端口：{other}", f"stop that program, or choose another port: {other}"),
        )


def claim_all(parts: Mapping[str, int]) -> None:
    """Checks every part's port before the first one starts: taken by others, or given to two parts."""
    for name, port in parts.items():
        claim(port, what=name, setting=port_setting(name))
        if same := [other for other in parts if other < name and parts[other] == port]:
            own = f"{port_setting(name)}=… {port_setting(same[0])}=… make run"
            raise Failure(
                Words(
                    f"{name} 和 {same[0]} 都要监听端口 {port}",
                    f"{name} and {same[0]} are both to listen on port {port}",
                ),
                remedy=Words(f"各给一个端口：{own}", f"give each its own: {own}"),
            )
