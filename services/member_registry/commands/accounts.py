"""Accounts: opened, invited to choose a password, given the secretariat's rights, closed."""

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from common.database import Transaction
from common.errors import Conflict, FieldError, InvalidInput, NotFound
from common.events.member_registry import AccountChanged
from common.ids import new_id
from common.text import Bilingual
from member_registry.model.people import Account, NewPerson
from member_registry.store import invitations
from member_registry.store import people as store

INVITATION_LIFETIME = timedelta(days=14)


class NotOneself(Conflict):
    """The last one out must not lock the door from outside."""

    def __init__(self) -> None:
        super().__init__(
            Bilingual(zh="不能对自己的账号进行此操作。", en="Nobody does this to their own account."),
            code="own_account",
        )


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code with which a person chooses a password; shown once to whoever invited."""

    code: str = field(repr=False)
    expires_at: datetime


async def open_account(tx: Transaction, person: NewPerson, *, secretariat: bool = False) -> tuple[Account, bool]:
    """A new account, or the one that this address has already, untouched; and whether it is new."""
    account = Account(
        id=new_id(),
        version=1,
        email=person.email,
        name=person.name,
        language=person.language,
        orcid=person.orcid,
        open=True,
        secretariat=secretariat,
        tokens_valid_from=tx.now,
        password_hash=person.password_hash,
    )
    if not await store.insert_account(tx, account):
        known = await store.account_by_email(tx, person.email)
        assert known is not None
        return known, False
    tx.publish(_changed(account, tx.now))
    return account, True


async def open_named_account(tx: Transaction, person: NewPerson, *, secretariat: bool) -> Account:
    """A new account; Conflict when the address has one."""
    account, new = await open_account(tx, person, secretariat=secretariat)
    if not new:
        raise Conflict(
            Bilingual(zh="该邮箱已有账号。", en="This e-mail address has an account already."), code="account_exists"
        )
    return account


async def invite_to_choose_password(tx: Transaction, account_id: UUID) -> Invitation:
    """A new code; earlier ones stay good until one of them is used."""
    invitation = Invitation(secrets.token_urlsafe(32), tx.now + INVITATION_LIFETIME)
    await invitations.insert_invitation(tx, _hash(invitation.code), account_id, invitation.expires_at)
    return invitation


async def choose_password(tx: Transaction, code: str, password_hash: str) -> Account:
    """The password of the account a code was made for; whatever was signed in before is signed out."""
    account_id = await invitations.take_invitation(tx, _hash(code))
    if account_id is None:
        raise InvalidInput(
            errors=(
                FieldError(
                    "code",
                    "code_invalid",
                    Bilingual(zh="邀请码无效或已过期", en="is not an invitation code, or no longer"),
                    Bilingual(zh="请向邀请人索取新的邀请码", en="ask whoever invited you for a new one"),
                ),
            )
        )
    return await change_password(tx, account_id, password_hash)


async def change_password(tx: Transaction, account_id: UUID, password_hash: str) -> Account:
    """A new password; tokens and sessions from before are worth nothing any more."""
    account = await _open_account(tx, account_id)
    return _save(tx, replace(account, password_hash=password_hash, tokens_valid_from=tx.now))


async def set_secretariat(tx: Transaction, account_id: UUID, secretariat: bool) -> Account:
    """Give or take the secretariat's rights."""
    account = await _open_account(tx, account_id)
    return _save(tx, replace(account, secretariat=secretariat))


async def close_account(tx: Transaction, account_id: UUID) -> Account:
    """Nobody signs in with it any more; access closes everywhere with this fact."""
    account = await _open_account(tx, account_id)
    return _save(tx, replace(account, open=False, tokens_valid_from=tx.now))


async def _open_account(tx: Transaction, account_id: UUID) -> Account:
    account = await store.locked_account(tx, account_id)
    if account is None:
        raise NotFound
    if not account.open:
        raise Conflict(Bilingual(zh="账号已关闭。", en="The account is closed."), code="account_closed")
    return account


def _save(tx: Transaction, account: Account) -> Account:
    changed = replace(account, version=account.version + 1)
    store.update_account(tx, changed)
    tx.publish(_changed(changed, tx.now))
    return changed


def _changed(account: Account, now: datetime) -> AccountChanged:
    return AccountChanged(
        version=account.version,
        at=now,
        account_id=account.id,
        open=account.open,
        secretariat=account.secretariat,
        tokens_valid_from=account.tokens_valid_from,
    )


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
