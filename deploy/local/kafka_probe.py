"""Asks a broker for its metadata with bare bytes: the answer shows that it serves, without a client library."""

import socket
import struct

METADATA = 3
VERSION = 1


def serves(host: str, port: int, timeout: float = 2.0) -> bool:
    """Whether the broker answers and counts itself among the living (a fenced one is not listed)."""
    client = b"alliance-probe"
    body = struct.pack(">hhih", METADATA, VERSION, 1, len(client)) + client + struct.pack(">i", 0)
    try:
        with socket.create_connection((host, port), timeout=timeout) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = _read(connection, struct.unpack(">i", _read(connection, 4))[0])
    except (OSError, EOFError):
        return False
    _correlation, brokers = struct.unpack(">ii", answer[:8])
    return bool(brokers > 0)


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = connection.recv(size - len(data))
        if not chunk:
            raise EOFError("the broker closed the connection")
        data += chunk
    return data
