"""The vault: personal data sealed for one contact each, and raw bytes sealed for one tenant.

The rooms `domain` and `application` import `service_kit.vault.purpose`, which is plain Python.
"""

from service_kit.vault.boxes import OperatorKeyUnusable, SealBroken
from service_kit.vault.key_chain import OPERATOR_KEY, KeyUnsettled, OperatorKeyUnknown
from service_kit.vault.purpose import Purpose
from service_kit.vault.quarantine import Quarantine
from service_kit.vault.vault import Erased, Unopened, Vault

__all__ = [
    "OPERATOR_KEY",
    "Erased",
    "KeyUnsettled",
    "OperatorKeyUnknown",
    "OperatorKeyUnusable",
    "Purpose",
    "Quarantine",
    "SealBroken",
    "Unopened",
    "Vault",
]
