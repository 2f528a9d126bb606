"""Under whom PostgreSQL runs: it refuses root, so root hands it to an ordinary account and its files too."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.failure import Failure
from deploy.words import Words

ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Owner:
    """An account other than our own."""

    name: str
    uid: int
    gid: int

    def as_popen(self) -> dict[str, Any]:
        """The arguments that make `subprocess` start a program under this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, path: Path) -> None:
        """Gives a file, or a folder with all that is in it, to this account."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)
        if path.is_dir() and not path.is_symlink():
            for child in path.iterdir():
                self.take(child)

    def can_reach(self, path: Path) -> bool:
        """Whether this account may enter every folder above `path`."""
        return all(self._may_enter(folder.stat()) for folder in path.resolve().parents)

    def _may_enter(self, info: os.stat_result) -> bool:
        if info.st_uid == self.uid:
            return bool(info.st_mode & stat.S_IXUSR)
        if info.st_gid == self.gid:
            return bool(info.st_mode & stat.S_IXGRP)
        return bool(info.st_mode & stat.S_IXOTH)


def server_owner(data: Path) -> Owner | None:
    """None for an ordinary user (who owns what he starts); for root the owner of `data`, or an account to be."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (info := data.stat()).st_uid != 0:
        return Owner(name=str(info.st_uid), uid=info.st_uid, gid=info.st_gid)
    for name in ACCOUNTS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(name=name, uid=account.pw_uid, gid=account.pw_gid)
    raise Failure(
        Words(
            f"PostgreSQL 不能以 root 运行，而账户 {'、'.join(ACCOUNTS)} 都不存在",
            f"PostgreSQL cannot run as root and none of the accounts {', '.join(ACCOUNTS)} exists",
        ),
        remedy=Words("以普通用户运行，或建立其中一个账户", "run it as an ordinary user, or make one of these accounts"),
    )
