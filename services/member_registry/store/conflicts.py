"""What a unique index refused, said at the field it concerns."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from common.errors import Conflict, FieldError
from common.text import Bilingual

_TAKEN = {
    "organisation_uscc_taken": FieldError(
        "uscc", "already_registered", Bilingual(zh="已登记在另一单位名下", en="belongs to another organisation here")
    ),
    "organisation_ror_taken": FieldError(
        "ror", "already_registered", Bilingual(zh="已登记在另一单位名下", en="belongs to another organisation here")
    ),
    "affiliation_office_taken": FieldError(
        "office", "office_taken", Bilingual(zh="此人已担任该职务", en="is held by this person already")
    ),
}


@contextmanager
def explained() -> Iterator[None]:
    """Conflict with the field and the reason instead of the database's words."""
    try:
        yield
    except asyncpg.UniqueViolationError as violation:
        error = _TAKEN.get(violation.constraint_name or "")
        if error is None:
            raise
        raise Conflict(code=error.code, errors=(error,)) from None
