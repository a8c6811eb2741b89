"""Ports on the loopback, chosen once per data folder and remembered, so that two checkouts run side by side."""

import errno
import json
import random
import socket
from contextlib import closing
from pathlib import Path

from siaga_embedded.places import write_whole
from siaga_embedded.refusal import ExitCode, Refusal

LOOPBACK = "127.0.0.1"
CHOICE = range(20_000, 32_000)  # below the ports that systems hand out to outgoing connections


class PortTaken(Refusal):
    """Another program listens on a port that was asked for by number."""

    exit_code = ExitCode.PORT_TAKEN


class Ports:
    """The ports of one data folder, by program name."""

    def __init__(self, remembered: Path) -> None:
        self._file = remembered

    def of(self, name: str) -> int:
        """Give the port to start a program on: the same as last time, or another where that is taken now.

        Who only wants to find a running program reads `known`: to `of`, a running program's port is taken.
        """
        known = self.known()
        port = known.get(name)
        if port is None or not is_free(port):
            port = self._free_port(set(known.values()))
            self._remember({**known, name: port})
        return port

    def known(self) -> dict[str, int]:
        """Read what was chosen so far; an unreadable file is as good as none."""
        try:
            read = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(name): int(port) for name, port in read.items()} if isinstance(read, dict) else {}

    def _remember(self, ports: dict[str, int]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._file, json.dumps(ports, indent=1, sort_keys=True))

    def _free_port(self, taken: set[int]) -> int:
        for port in random.sample(CHOICE, k=len(CHOICE)):
            if port not in taken and is_free(port):
                return port
        raise PortTaken(
            f"Tidak ada port bebas di {LOOPBACK} antara {CHOICE.start} dan {CHOICE.stop}: hentikan program lain, lalu ulangi.",
            f"No port is free on {LOOPBACK} between {CHOICE.start} and {CHOICE.stop}: stop other programs, then try again.",
        )


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a program could listen there now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as refused:
            if refused.errno in {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}:
                return False
            raise
    return True


def require_free(port: int, program: str, host: str = LOOPBACK) -> None:
    """Refuse in one sentence where a port that a person asked for is taken."""
    if not is_free(port, host):
        raise PortTaken(
            f"Port {host}:{port} untuk {program} sudah dipakai program lain, dan belum ada yang dimulai: hentikan program itu, atau pilih lain dengan --port {program}=NOMOR.",
            f"Port {host}:{port} for {program} is taken by another program, and nothing was started: stop that one, or choose another with --port {program}=NUMBER.",
        )


def is_listening(port: int, host: str = LOOPBACK) -> bool:
    """Whether something accepts connections there now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as attempt:
        attempt.settimeout(1)
        return attempt.connect_ex((host, port)) == 0
