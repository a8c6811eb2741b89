"""An account: somebody, or something, that may ask for a token."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from service_kit.decisions import Changed, NotPossible
from service_kit.identity.grants import Kind, Principal, Role

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD_BYTES = 1024
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}\Z")
_TENANT = re.compile(r"(\d\d\.\d\d|\*)\Z")
_AGENCY = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z")
_LONGEST_NAME = 120


class AccountRefused(ValueError):
    """No account can be as described; the sentence says which rule it breaks and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account.

    Attributes:
        id: chosen once, never reused; the `by` of everything the account does, so no person's name.
        tenants: codes, sorted, or `*` for every tenant (platform roles only).
        roles: sorted.
        password_hash: argon2id, in its standard spelling.
    """

    id: str
    name: str
    kind: Kind
    tenants: tuple[str, ...]
    roles: tuple[Role, ...]
    agency: str | None
    password_hash: str
    disabled: bool
    created_at: datetime
    changed_at: datetime

    def principal(self) -> Principal:
        """Return who a token of this account proves.

        Raises:
            PrincipalRefused: kind, roles, tenants and agency do not fit together.
        """
        return Principal(
            subject=self.id,
            name=self.name,
            kind=self.kind,
            tenants=frozenset(self.tenants),
            roles=frozenset(self.roles),
            agency=self.agency,
        )


@dataclass(frozen=True, slots=True)
class Description:
    """What an administrator says of an account."""

    name: str
    kind: Kind
    tenants: frozenset[str]
    roles: frozenset[Role]
    agency: str | None = None
    disabled: bool = False


def described(account_id: str, description: Description, *, password_hash: str, at: datetime) -> Account:
    """Return a new account as described.

    Raises:
        AccountRefused, PrincipalRefused: a rule is broken.
    """
    account = Account(
        id=account_id,
        name=description.name,
        kind=description.kind,
        tenants=tuple(sorted(description.tenants)),
        roles=tuple(sorted(description.roles)),
        agency=description.agency,
        password_hash=password_hash,
        disabled=description.disabled,
        created_at=at,
        changed_at=at,
    )
    _refuse_wrong_words(account)
    account.principal()
    return account


def create(account: Account | None, new: Account) -> Changed[Account] | NotPossible:
    """Make an account; an id is given once."""
    if account is not None:
        return NotPossible("id_taken")
    return Changed(new, "account.created", None)


def change(
    account: Account, description: Description, *, by: str, at: datetime
) -> Changed[Account] | NotPossible:
    """Describe an account anew.

    Nobody disables their own, so that somebody can always open the door; nor do they enable it or add to
    their own rights: that takes a second person, whom the trail names.

    Raises:
        AccountRefused, PrincipalRefused: a rule is broken.
    """
    if account.id == by and (description.disabled != account.disabled or _adds_rights(account, description)):
        return NotPossible("own_account", ("ask another administrator",))
    new = described(account.id, description, password_hash=account.password_hash, at=at)
    return Changed(replace(new, created_at=account.created_at), _what(account, new), None)


def change_password(account: Account, password_hash: str, *, at: datetime) -> Changed[Account]:
    """Give the account another password."""
    return Changed(
        replace(account, password_hash=password_hash, changed_at=at), "account.password_changed", None
    )


def rehash_password(account: Account | None, before: str, after: str) -> Changed[Account] | NotPossible:
    """Keep the same password's hash at today's cost, unless the password was changed meanwhile.

    Nothing about the account is another than before, so `changed_at` stays.
    """
    if account is None or account.password_hash != before:
        return NotPossible("password_changed")
    return Changed(replace(account, password_hash=after), "account.password_rehashed", None)


def refuse_weak_password(account_id: str, password: str) -> None:
    """Refuse what is quickly guessed (NIST SP 800-63B: length counts, recipes do not).

    Raises:
        AccountRefused: it is too short, too long, or the account's own id.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise AccountRefused(f"a password has at least {SHORTEST_PASSWORD} characters; a sentence is good")
    if len(password.encode("utf-8", "surrogatepass")) > LONGEST_PASSWORD_BYTES:
        raise AccountRefused(f"a password has at most {LONGEST_PASSWORD_BYTES} bytes; choose a shorter one")
    if account_id in password.casefold() or len(set(password)) < SHORTEST_PASSWORD // 3:
        raise AccountRefused("this password is guessed at once; choose one without the account's id")


def _adds_rights(account: Account, description: Description) -> bool:
    more_roles = description.roles - set(account.roles)
    more_tenants = description.tenants - set(account.tenants)
    return bool(more_roles or more_tenants) or description.agency not in {account.agency, None}


def _what(before: Account, after: Account) -> str:
    if before.disabled != after.disabled:
        return "account.disabled" if after.disabled else "account.enabled"
    return "account.changed"


def _refuse_wrong_words(account: Account) -> None:
    if not _ID.match(account.id):
        raise AccountRefused("an account's id is 2 to 64 of a-z 0-9 . _ - and begins with a letter or digit")
    if not account.name.strip() or len(account.name) > _LONGEST_NAME or not account.name.isprintable():
        raise AccountRefused(f"an account's name is one line of 1 to {_LONGEST_NAME} characters")
    if not account.tenants or not all(_TENANT.match(code) for code in account.tenants):
        raise AccountRefused("an account's tenants are codes such as 53.03, at least one, or *")
    if not account.roles:
        raise AccountRefused("an account needs at least one role")
    if account.agency is not None and not _AGENCY.match(account.agency):
        raise AccountRefused("an account's agency is its id in the tenant's file, such as damkar")
