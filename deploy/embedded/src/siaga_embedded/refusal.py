"""Sentences for people when something cannot be started: what, where, what to do, and the exit code."""

import os
from enum import IntEnum


class ExitCode(IntEnum):
    """What a script that calls `make run` can tell apart (2 and 3 belong to bootstrap.py)."""

    NO_SPACE = 4
    ALREADY_RUNNING = 5
    PORT_TAKEN = 6
    DID_NOT_COME_UP = 7
    JARS_NOT_USABLE = 8
    STORE_NOT_USABLE = 9
    DATA_NOT_USABLE = 10


def in_words(indonesian: str, english: str) -> str:
    """Choose the sentence in the person's language: Indonesian, or English with SIAGA_LANG=en."""
    return english if os.environ.get("SIAGA_LANG", "").lower().startswith("en") else indonesian


class Refusal(Exception):
    """Something could not be started; `str()` is one sentence that a person can act on."""

    exit_code: ExitCode

    def __init__(self, indonesian: str, english: str) -> None:
        super().__init__(in_words(indonesian, english))
