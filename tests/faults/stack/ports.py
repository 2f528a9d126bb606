"""Ports for a stack: each given once."""

from deploy.local.ports import free_port

_given: set[int] = set()


def own_port() -> int:
    """A port that is free and was not given to another part of this run, which may not listen there yet."""
    while (port := free_port()) in _given:
        pass
    _given.add(port)
    return port
