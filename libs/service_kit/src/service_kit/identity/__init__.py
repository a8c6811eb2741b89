"""Who somebody is and what they may do: signed short-lived tokens, and one table of grants.

The rooms `domain` and `application` import `service_kit.identity.grants`, which is plain Python.
"""

from service_kit.identity.grants import (
    ANYWHERE,
    GRANTS,
    Action,
    Kind,
    Principal,
    PrincipalRefused,
    Role,
    Scope,
    allowed,
    may_appoint,
)
from service_kit.identity.keys import KeySet, KeysUnavailable, Signer, SigningKeyUnusable
from service_kit.identity.tokens import TokenRefused, Verifier

__all__ = [
    "ANYWHERE",
    "GRANTS",
    "Action",
    "KeySet",
    "KeysUnavailable",
    "Kind",
    "Principal",
    "PrincipalRefused",
    "Role",
    "Scope",
    "Signer",
    "SigningKeyUnusable",
    "TokenRefused",
    "Verifier",
    "allowed",
    "may_appoint",
]
