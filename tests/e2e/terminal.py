"""A person's second terminal: types the real `siaga`, and reads what it says."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.system import OTHER_SERVERS, ROOT, System

ANSWERS_WITHIN_SECONDS = 180
NOT_A_TERMINALS = frozenset({*OTHER_SERVERS, "SIAGA_ACCOUNT", "SIAGA_PASSWORD_FILE", "SIAGA_SERVICES"})
Json = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What stands in the output, without empty lines."""
        return [line.rstrip() for line in self.out.splitlines() if line.strip()]

    @property
    def json(self) -> Json:
        """The output as a program reads it."""
        return dict(json.loads(self.out))

    @property
    def items(self) -> list[Json]:
        """The items of a listing."""
        return list(self.json["items"])

    def line_with(self, *words: str) -> str:
        """The one line that holds all these words."""
        (found,) = [line for line in self.lines if all(word in line for word in words)]
        return found


@dataclass(frozen=True)
class Terminal:
    """A terminal on the machine of a running system."""

    system: System
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, code: int = 0, language: str = "en") -> Said:
        """Type a command, and check how it ends."""
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_A_TERMINALS}
        spoken = {"SIAGA_HOME": str(self.system.home), "SIAGA_LANG": language}
        done = subprocess.run(
            [str(Path(sys.executable).with_name("siaga")), *words],
            cwd=ROOT,
            env={**inherited, **spoken, **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=ANSWERS_WITHIN_SECONDS,
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        return Said(done.returncode, done.stdout, done.stderr)
