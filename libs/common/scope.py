"""In whose name the database is asked: settings of one transaction that row-level security compares rows with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

SERVICE_ITSELF = {"alliance.acting": "service"}
"""What a connection says from its start that acts for nobody but the service: it sees every row of its schema."""

_PLAIN = re.compile(r"[0-9a-z{},]*")


@dataclass(frozen=True, slots=True)
class Scope:
    """Names and values of settings; the functions of `migrations/004_scope.sql` read them inside the policies.

    Raises ValueError for a value that could be anything but ids and words: these go into a statement as text.
    """

    settings: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        for name, value in self.settings:
            if not _PLAIN.fullmatch(value):
                raise ValueError(f"alliance.{name} cannot be {value!r}")

    @classmethod
    def of_caller(cls, account_id: UUID, organisation_ids: Iterable[UUID], *, secretariat: bool) -> "Scope":
        """An account or a machine, and the organisations it may act for."""
        organisations = ",".join(each.hex for each in organisation_ids)
        acting = "secretariat" if secretariat else "caller"
        return cls((("acting", acting), ("account", account_id.hex), ("organisations", f"{{{organisations}}}")))

    @property
    def begin(self) -> str:
        """Opens a transaction in this scope, in one message; with its end the settings are gone.

        SET is not planned and answers with no row: the same by SELECT set_config() takes an eighth of a read more.
        """
        return "BEGIN; " + "; ".join(f"SET LOCAL alliance.{name} = '{value}'" for name, value in self.settings)

    def condition(self, first: int) -> str:
        """The condition under which a row is made, for a statement of its own that inserts it.

        A row is computed, this condition with it, before it is compared with a policy; parameters from `first` on.
        """
        return " AND ".join(
            f"set_config('alliance.{name}', ${number}, true) IS NOT NULL"
            for number, (name, _) in enumerate(self.settings, first)
        )

    @property
    def values(self) -> list[str]:
        return [value for _, value in self.settings]
