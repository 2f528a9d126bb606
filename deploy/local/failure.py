"""What a person is told when something cannot go on, in both languages: what failed, the last lines, what to do."""

from __future__ import annotations  # the bootstrap needs this module under any Python 3

import errno
from collections.abc import Sequence
from pathlib import Path

from deploy.words import Told, Words

THROUGH_MAKE = Words("通过 make 运行，由它安装", "run it through make, which sets it up")


class Failure(Told):
    """A failure of the local stack that a person can act on."""

    def __init__(self, what: Words, *, remedy: Words, log: Path | None = None, last_lines: Sequence[str] = ()) -> None:
        super().__init__(what)
        self.remedy = remedy
        self.log = log
        self.last_lines = last_lines

    def __str__(self) -> str:
        lines = [self.what.both]
        if self.log is not None and (tail := end_of(self.log)):
            lines += [f"  日志末尾 last lines of {self.log}:", *(f"  | {line}" for line in tail)]
        lines += [f"  | {line}" for line in self.last_lines]
        return "\n".join([*lines, f"  怎么办：{self.remedy.zh}", f"  what to do: {self.remedy.en}"])


def of_system(error: OSError) -> Failure:
    """What the system refused, with the remedy that fits."""
    no_right = Words(
        "确认当前用户有权写入，或改用文件所属的用户运行",
        "see that this user may write there, or run it as the user it belongs to",
    )
    remedies = {
        errno.ENOSPC: Words(
            "清理磁盘后再运行一次：已完成的部分都保留",
            "make room on the disk, then run it again: what was done so far stays",
        ),
        errno.EDQUOT: Words(
            "磁盘配额已用完：清理后再运行一次", "your share of the disk is used up: make room, then run it again"
        ),
        errno.EACCES: no_right,
        errno.EPERM: no_right,
        errno.EROFS: Words(
            "磁盘只读：请把检出放到别处", "that disk is read-only: choose another place for the checkout"
        ),
    }
    otherwise = Words("消除原因后再运行一次", "put that right, then run it again")
    return Failure(Words(str(error), str(error)), remedy=remedies.get(error.errno or 0, otherwise))


def end_of(log: Path, count: int = 15) -> list[str]:
    """The last lines of a log file without Java's stack frames; reads at most its last 16 KiB."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 16_384))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line for line in lines if not line.lstrip().startswith("at ")][-count:]
