"""Who may do what where: one typed table of role, action and tenant scope, and the rule that reads it.

Plain standard library, so that `domain` and `application` rooms may use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType

ANYWHERE = "*"
"""In a principal's tenants: every regency, present and future. As a tenant asked for: the platform as a whole."""


class Role(StrEnum):
    """What somebody is at 112."""

    CALL_TAKER = "call_taker"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    TENANT_ADMIN = "tenant_admin"
    PROVINCE_OPERATOR = "province_operator"
    PLATFORM_ADMIN = "platform_admin"
    AGENCY = "agency"
    BRIDGE = "bridge"
    AUDITOR = "auditor"


class Action(StrEnum):
    """One thing an API lets somebody do."""

    READ_CALLS = "read_calls"
    REPORT_CALL = "report_call"
    CLASSIFY = "classify"
    OPEN_TICKET = "open_ticket"
    JOIN_TICKET = "join_ticket"
    SEPARATE_CALL = "separate_call"
    CHANGE_TICKET = "change_ticket"
    ESCALATE = "escalate"
    REOPEN = "reopen"
    CLOSE_TICKET = "close_ticket"
    READ_TICKETS = "read_tickets"
    OPEN_PERSONAL_DATA = "open_personal_data"
    READ_TASKS = "read_tasks"
    MANAGE_TASKS = "manage_tasks"
    REPLY_TASK = "reply_task"
    READ_DELIVERIES = "read_deliveries"
    READ_FIGURES = "read_figures"
    REBUILD_FIGURES = "rebuild_figures"
    READ_TENANTS = "read_tenants"
    APPLY_TENANT = "apply_tenant"
    MANAGE_ACCOUNTS = "manage_accounts"
    READ_DEADLETTERS = "read_deadletters"
    MANAGE_DEADLETTERS = "manage_deadletters"
    READ_STATUS = "read_status"
    READ_AUDIT = "read_audit"
    ANNOUNCE = "announce"


class Kind(StrEnum):
    """What stands behind a token."""

    PERSON = "person"
    ROBOT = "robot"
    AGENCY = "agency"
    BRIDGE = "bridge"


class Scope(Enum):
    """Where a role may do a thing."""

    NOWHERE = "nowhere"
    OWN = "own tenants"  # only tenants that the principal lists by name
    ANY = "any tenant"  # also those that the principal covers with ANYWHERE
    NEVER = "never"  # nowhere, also when another role of the same principal would allow it


class PrincipalRefused(ValueError):
    """Nobody can be what was described; the sentence says which rule it breaks."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who proved who they are.

    Attributes:
        subject: the account's lasting id; the `by` of everything they do.
        name: how people call them.
        tenants: codes of the tenants they belong to, or ANYWHERE (which only platform roles can use).
        agency: the agency's code in its one tenant, for principals of kind AGENCY.
    """

    subject: str
    name: str
    kind: Kind
    tenants: frozenset[str]
    roles: frozenset[Role]
    agency: str | None = None

    def __post_init__(self) -> None:
        if not self.subject or "" in self.tenants:
            raise PrincipalRefused("a principal needs a subject, and its tenants need codes")
        if ANYWHERE in self.tenants and not self.roles & PLATFORM_ROLES:
            raise PrincipalRefused(f"only {', '.join(sorted(PLATFORM_ROLES))} may belong to every tenant")
        self._refuse_unless_alone(Role.AGENCY, Kind.AGENCY)
        self._refuse_unless_alone(Role.BRIDGE, Kind.BRIDGE)
        if (self.kind is Kind.AGENCY) != bool(self.agency):
            raise PrincipalRefused("an agency, and nobody else, names the agency it is")
        if self.kind is Kind.AGENCY and len(self.tenants) != 1:
            raise PrincipalRefused("an agency's code means something in one tenant only: one token for each")

    def _refuse_unless_alone(self, role: Role, kind: Kind) -> None:
        """An agency or a bridge is nothing else, and nobody else is one."""
        if (role in self.roles or self.kind is kind) and (self.kind is not kind or self.roles != {role}):
            raise PrincipalRefused(f"the role {role} and the kind {kind} belong together and to nothing else")


def _row(
    *own: Action, anywhere: tuple[Action, ...] = (), never: tuple[Action, ...] = ()
) -> Mapping[Action, Scope]:
    """Complete one role's row: what is not granted is granted nowhere."""
    granted = (
        dict.fromkeys(own, Scope.OWN) | dict.fromkeys(anywhere, Scope.ANY) | dict.fromkeys(never, Scope.NEVER)
    )
    return MappingProxyType({action: granted.get(action, Scope.NOWHERE) for action in Action})


_DESK = (
    Action.READ_CALLS,
    Action.REPORT_CALL,
    Action.CLASSIFY,
    Action.OPEN_TICKET,
    Action.JOIN_TICKET,
    Action.SEPARATE_CALL,
    Action.CHANGE_TICKET,
    Action.ESCALATE,
    Action.REOPEN,
    Action.CLOSE_TICKET,
    Action.READ_TICKETS,
    Action.OPEN_PERSONAL_DATA,
    Action.READ_TASKS,
    Action.READ_DELIVERIES,
    Action.READ_FIGURES,
    Action.READ_TENANTS,
    Action.READ_STATUS,
)
"""At a small centre one person takes the call, sends help and follows up; a radio message is a call, too."""

GRANTS: Mapping[Role, Mapping[Action, Scope]] = MappingProxyType(
    {
        Role.CALL_TAKER: _row(*_DESK),
        Role.DISPATCHER: _row(*_DESK, Action.MANAGE_TASKS),
        Role.SUPERVISOR: _row(*_DESK, Action.MANAGE_TASKS, Action.READ_DEADLETTERS, Action.READ_AUDIT),
        Role.TENANT_ADMIN: _row(
            Action.READ_TICKETS,
            Action.READ_TASKS,
            Action.READ_DELIVERIES,
            Action.READ_FIGURES,
            Action.READ_TENANTS,
            Action.APPLY_TENANT,
            Action.MANAGE_ACCOUNTS,
            Action.READ_DEADLETTERS,
            Action.READ_STATUS,
            Action.READ_AUDIT,
        ),
        Role.PROVINCE_OPERATOR: _row(
            anywhere=(
                Action.READ_TICKETS,
                Action.READ_TASKS,
                Action.READ_FIGURES,
                Action.READ_TENANTS,
                Action.READ_STATUS,
            ),
            never=(Action.OPEN_PERSONAL_DATA,),
        ),
        Role.PLATFORM_ADMIN: _row(
            anywhere=(
                Action.READ_FIGURES,
                Action.REBUILD_FIGURES,
                Action.READ_TENANTS,
                Action.APPLY_TENANT,
                Action.MANAGE_ACCOUNTS,
                Action.READ_DEADLETTERS,
                Action.MANAGE_DEADLETTERS,
                Action.ANNOUNCE,
                Action.READ_STATUS,
                Action.READ_AUDIT,
            ),
        ),
        Role.AGENCY: _row(Action.READ_TASKS, Action.REPLY_TASK),
        Role.BRIDGE: _row(Action.REPORT_CALL),
        Role.AUDITOR: _row(anywhere=(Action.READ_FIGURES, Action.READ_TENANTS, Action.READ_AUDIT)),
    }
)
"""The whole of it. An agency's own tasks are picked out by its `agency`, beside this table."""

PLATFORM_ROLES = frozenset(role for role, row in GRANTS.items() if Scope.ANY in row.values())
"""Roles that can mean every tenant at once."""


def allowed(principal: Principal, action: Action, tenant: str) -> bool:
    """Tell whether somebody may do a thing in a tenant, or (ANYWHERE) on the platform as a whole."""
    scopes = {GRANTS[role][action] for role in principal.roles}
    if Scope.NEVER in scopes:
        return False
    named = tenant != ANYWHERE and tenant in principal.tenants
    if named:
        return Scope.OWN in scopes or Scope.ANY in scopes
    return ANYWHERE in principal.tenants and Scope.ANY in scopes


def may_appoint(principal: Principal, other: Principal) -> bool:
    """Tell whether somebody may make or change this account: they manage the accounts of each of its tenants.

    Within a tenant that is every role, also those they do not have: a regency's one administrator makes its
    supervisors. Only who manages accounts on the whole platform hands out platform roles. That nobody adds
    to their own rights is the directory's rule.
    """
    if other.roles & PLATFORM_ROLES:
        return allowed(principal, Action.MANAGE_ACCOUNTS, ANYWHERE)
    return bool(other.tenants) and all(
        allowed(principal, Action.MANAGE_ACCOUNTS, code) for code in other.tenants
    )
