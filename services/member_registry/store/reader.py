"""What a read needs: the open transaction of a command, or the database directly."""

from typing import TypeAlias

from common.database import Database, Transaction

Reader: TypeAlias = Transaction | Database
