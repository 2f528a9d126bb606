"""What an invariant found."""

from dataclasses import dataclass, field


@dataclass
class Finding:
    """A name, what was counted, and whatever breaks it."""

    name: str
    says: str
    counts: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def expect(self, holds: object, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)

    def __str__(self) -> str:
        counted = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        lines = [f"{'✗' if self.wrong else '✓'} {self.name} {self.says}: {counted}"]
        return "\n".join(lines + [f"    {wrong}" for wrong in self.wrong[:12]])
