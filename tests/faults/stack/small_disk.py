"""File systems so small that they can be filled: in memory, mounted where a server keeps its files."""

import os
import subprocess
from pathlib import Path

SIZE = "1500m"


def mount(folder: Path) -> bool:
    """Whether the folder is now a file system of its own; only root may make it one, and not everywhere."""
    if os.geteuid() != 0:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "alliance-faults", str(folder)]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


def unmount(folder: Path) -> None:
    """Nothing happens where nothing is mounted."""
    if folder.is_mount():
        subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)
