"""What every fault has in common."""

from abc import ABC, abstractmethod

from tests.faults.stack.stack import Stack


class Fault(ABC):
    """`seconds` lie between the strike and the healing; `kills` counts processes ended with SIGKILL or the like."""

    seconds: float = 0.0
    kills: int = 0
    needs_small_disks: bool = False

    @property
    @abstractmethod
    def name(self) -> str:
        """What happens to whom, in one line."""

    @abstractmethod
    async def strike(self, stack: Stack) -> None: ...

    @abstractmethod
    async def heal(self, stack: Stack) -> None:
        """Put right what does not come right by itself."""

    @abstractmethod
    def fired(self) -> bool:
        """Whether it met something; asked after the healing."""
