"""Connections between one process and its servers that lose, refuse or slow what they carry."""

from typing import Literal

from tests.faults.kinds.fault import Fault
from tests.faults.stack.proxy import Proxy, Way
from tests.faults.stack.stack import Stack

Server = Literal["postgres", "kafka"]


class Cut(Fault):
    """From the named workers to one server: bytes are lost (`ways` only) or connections are reset."""

    def __init__(
        self, server: Server, *names: str, seconds: float, reset: bool = False, ways: tuple[Way, ...] = ("up", "down")
    ) -> None:
        self._server = server
        self._names = names
        self._reset = reset
        self._ways = ways
        self._proxies: list[Proxy] = []
        self._met = 0
        self.seconds = seconds

    @property
    def name(self) -> str:
        how = "resets" if self._reset else "drops" if len(self._ways) == 2 else f"drops {self._ways[0]}wards"
        return f"network {' and '.join(self._names)} <-> {self._server} {how} for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        self._proxies = [getattr(worker, self._server) for worker in stack.workers if worker.name in self._names]
        self._met = sum(proxy.held + proxy.refused for proxy in self._proxies)
        for proxy in self._proxies:
            if self._reset:
                proxy.reset()
            else:
                proxy.lose(*self._ways)

    async def heal(self, stack: Stack) -> None:
        for proxy in self._proxies:
            proxy.heal()
        self._met = sum(proxy.held + proxy.refused for proxy in self._proxies) - self._met

    def fired(self) -> bool:
        return self._met > 0


class Slow(Fault):
    """Everything the named workers say to a server takes longer."""

    def __init__(self, server: Server, *names: str, seconds: float, delay: float) -> None:
        self._server = server
        self._names = names
        self._delay = delay
        self._proxies: list[Proxy] = []
        self.seconds = seconds

    @property
    def name(self) -> str:
        took = f"{self._delay * 1000:.0f} ms slower"
        return f"network {' and '.join(self._names)} <-> {self._server} {took} for {self.seconds:.0f} s"

    async def strike(self, stack: Stack) -> None:
        self._proxies = [getattr(worker, self._server) for worker in stack.workers if worker.name in self._names]
        for proxy in self._proxies:
            proxy.delay = self._delay

    async def heal(self, stack: Stack) -> None:
        for proxy in self._proxies:
            proxy.heal()

    def fired(self) -> bool:
        return all(proxy.delayed for proxy in self._proxies)
