"""Who calls: one of each role, somebody of nowhere, of a suspended member, with two offices, and nobody at all."""

from dataclasses import dataclass, field

from tests.journeys.conftest import Alliance

PASSWORD = "four unrelated words for tests"


@dataclass(eq=False)
class House:
    """An organisation in the matrix; `mark` stands in everything of it that others must not read."""

    id: str
    kind: str
    mark: str
    boss: "Caller" = field(init=False)


@dataclass(eq=False)
class Caller:
    """Somebody with a token."""

    name: str
    roles: frozenset[str] = frozenset()
    house: House | None = None
    """Whose things are their own."""
    email: str = ""
    token: str = ""
    acts: bool = False
    """Whether they act for an organisation at present."""
    machine: bool = False
    reads_only: bool = False
    """Only a reader in their house, with more rights elsewhere."""

    @property
    def anonymous(self) -> bool:
        return not self.token

    @property
    def secretariat(self) -> bool:
        return "secretariat" in self.roles

    def headers(self) -> dict[str, str]:
        bearer = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return bearer | {"accept-language": "en"}

    async def sign_in(self, alliance: Alliance) -> "Caller":
        """Fresh tokens, whatever became of the old ones."""
        self.token = (await alliance.sign_in(self.email, PASSWORD)).token
        return self
