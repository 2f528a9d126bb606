"""What a person is told when something cannot go on: what failed, the last log lines, what to do."""

import errno
from pathlib import Path


class Failure(Exception):
    """A failure of the local stack that a person can act on."""

    def __init__(self, what: str, *, remedy: str, log: Path | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.log = log

    def __str__(self) -> str:
        lines = [self.what]
        if self.log is not None and (tail := last_lines(self.log)):
            lines += [f"  last lines of {self.log}:", *(f"  | {line}" for line in tail)]
        return "\n".join([*lines, f"  what to do: {self.remedy}"])


def of_system(error: OSError) -> Failure:
    """What the system refused, with the remedy that fits."""
    remedies = {
        errno.ENOSPC: "make room on the disk, then run it again: what was done so far stays",
        errno.EDQUOT: "your share of the disk is used up: make room, then run it again",
        errno.EACCES: "see that this user may write there, or run it as the user it belongs to",
        errno.EPERM: "see that this user may write there, or run it as the user it belongs to",
        errno.EROFS: "that disk is read-only: choose another place for the checkout",
    }
    return Failure(str(error), remedy=remedies.get(error.errno or 0, "put that right, then run it again"))


def last_lines(log: Path, count: int = 15) -> list[str]:
    """The last lines of a log file without Java's stack frames; reads at most its last 16 KiB."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 16_384))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line for line in lines if not line.lstrip().startswith("at ")][-count:]
