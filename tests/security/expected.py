"""The rules from which every cell of the matrix follows, given what is declared beside the route."""

from enum import StrEnum

from common.http import Reach
from tests.security.members import Caller
from tests.security.operations import Operation


class Thing(StrEnum):
    """What a request is about, as seen from its caller."""

    none = "none"
    """The route names no thing; the caller speaks for whomever they may."""
    own = "own"
    foreign = "foreign"
    """Another organisation's; on a route that names no thing, the header names another organisation."""
    missing = "missing"


REFUSED = frozenset({403, 404})
"""For somebody with the right elsewhere and only sight of this: not allowed, or not there for them."""


def expected(operation: Operation, caller: Caller, thing: Thing) -> frozenset[int]:
    """Nobody signed in: 401. No right: 403. Not there, not one's own and not reached either: 404. Else: done."""
    done = frozenset({operation.success})
    if not _may_call(operation, caller):
        return frozenset({401 if caller.anonymous else 403})
    if thing is Thing.missing:
        return frozenset({404})
    reader_here = caller.reads_only and "signed_in" not in operation.roles
    if not operation.names_a_thing:
        needs_one = operation.reach is Reach.own and not (caller.secretariat and "secretariat" in operation.roles)
        lacks_one = thing is Thing.foreign or not caller.acts or reader_here
        return frozenset({403}) if needs_one and lacks_one else done
    # A suspended organisation is in the directory for nobody, its own people included.
    in_directory = "{organisation_id}" not in operation.path or caller.acts or caller.secretariat
    if operation.reach is Reach.everybody and (thing is Thing.foreign or in_directory):
        return done
    if operation.reach is Reach.alliance and caller.secretariat:
        return done
    if thing is Thing.own and (caller.acts or caller.secretariat):
        return REFUSED if reader_here else done
    return frozenset({404})


def _may_call(operation: Operation, caller: Caller) -> bool:
    if "anybody" in operation.roles:
        return True
    if "signed_in" in operation.roles:
        return not caller.anonymous
    if "person" in operation.roles:
        return not caller.anonymous and not caller.machine
    return bool(operation.roles & caller.roles)
