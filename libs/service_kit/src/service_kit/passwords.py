"""Passwords are kept as argon2id hashes; a wrong name takes as long to refuse as a wrong password."""

import os
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST_PASSWORD_BYTES = 1024


class PasswordTooLong(ValueError):
    """The password is longer than 1,024 bytes; hashing it would be a way to keep the machine busy."""


class Passwords:
    """Hashes and checks passwords.

    The default cost is the first choice of OWASP's Password Storage Cheat Sheet for argon2id (19 MiB,
    two passes, one lane), so that several people can log in at once on a small machine. Each call takes
    tens of milliseconds of one core: call it in a thread, never in the event loop.
    """

    def __init__(self, *, memory_kibibytes: int = 19_456, passes: int = 2, lanes: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kibibytes, parallelism=lanes)
        self._nobody = self._hasher.hash(os.urandom(16))

    def hash(self, password: str) -> str:
        """Return the hash to keep, with its salt and cost; two hashes of one password differ.

        Raises PasswordTooLong.
        """
        prepared = _prepared(password)
        if len(prepared) > LONGEST_PASSWORD_BYTES:
            raise PasswordTooLong(f"a password has at most {LONGEST_PASSWORD_BYTES} bytes")
        return self._hasher.hash(prepared)

    def verify(self, password: str, kept: str | None) -> bool:
        """Tell whether the password is the one that was hashed.

        `None` stands for an account that does not exist: the same work is done and the answer is no, so
        the time it takes tells nobody which accounts there are. A damaged hash is a no, too.
        """
        prepared = _prepared(password)[: LONGEST_PASSWORD_BYTES + 1]
        same = self._same(prepared, self._nobody if kept is None else kept)
        return same and kept is not None and len(prepared) <= LONGEST_PASSWORD_BYTES

    def needs_rehash(self, kept: str) -> bool:
        """Tell whether a hash was made at another cost than today's; hash again at the next good log-in."""
        try:
            return self._hasher.check_needs_rehash(kept)
        except InvalidHashError:
            return True

    def _same(self, prepared: bytes, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, prepared)
        except (VerificationError, InvalidHashError):
            return False


def _prepared(password: str) -> bytes:
    """One spelling for what looks the same on any keyboard (NIST SP 800-63B asks for NFKC or NFKD)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
