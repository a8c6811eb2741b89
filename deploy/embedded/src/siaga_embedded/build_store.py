"""`make store`: build SecantusDB's Rust server once per machine into the user's cache (cargo needed)."""

import os
import re
import shutil
import subprocess
import sys
import time

from siaga_embedded.refusal import ExitCode, Refusal, in_words
from siaga_embedded.store import rust_server

CRATE, VERSION = "secantus-mdb", "0.5.3-beta.196"
OLDEST_CARGO = (1, 95)


class StoreNotBuilt(Refusal):
    """The faster store could not be built; everything works without it."""

    exit_code = ExitCode.STORE_NOT_USABLE


def require_cargo(version: str | None) -> None:
    """Refuse early, in one sentence, where cargo is missing or too old."""
    found = re.search(r"(\d+)\.(\d+)", version or "")
    if found is None or (int(found[1]), int(found[2])) < OLDEST_CARGO:
        there = f"{found[1]}.{found[2]}" if found else "–"
        raise StoreNotBuilt(
            f"Penyimpan yang lebih cepat perlu cargo 1.95 atau lebih baru (ada: {there}): pasang Rust, atau pakai penyimpan bawaan, yang sudah cukup.",
            f"The faster store needs cargo 1.95 or newer (found: {there}): install Rust, or use the store that is there, which is enough.",
        )


def cargo_version() -> str | None:
    """What cargo says about itself; nothing where it is missing or does not run."""
    cargo = shutil.which("cargo")
    if cargo is None:
        return None
    return subprocess.run([cargo, "--version"], capture_output=True, text=True, check=False).stdout


def build() -> None:
    """Build and put the server where `make run` finds it; nothing happens where it is already there."""
    server = rust_server(os.environ)
    if server.is_file():
        sys.stdout.write(in_words(f"Sudah ada: {server}\n", f"Already there: {server}\n"))
        return
    require_cargo(cargo_version())
    started = time.monotonic()
    sys.stdout.write(in_words("Membangun (sekitar 5 menit) …\n", "Building (about 5 minutes) …\n"))
    sys.stdout.flush()
    root = server.parent.parent
    command = [
        "cargo",
        "install",
        CRATE,
        "--version",
        VERSION,
        "--locked",
        "--ignore-rust-version",
        "--root",
        str(root),
    ]
    if subprocess.run(command, check=False).returncode != 0 or not server.is_file():
        raise StoreNotBuilt(
            f"{CRATE} {VERSION} tidak dapat dibangun: baca pesan cargo di atas; penyimpan bawaan tetap dipakai.",
            f"{CRATE} {VERSION} could not be built: read cargo's words above; the store that is there goes on being used.",
        )
    seconds = time.monotonic() - started
    sys.stdout.write(in_words(f"{server}: {seconds:.0f} detik\n", f"{server}: {seconds:.0f} seconds\n"))


def main() -> int:
    """Build, or say in one sentence why not."""
    try:
        build()
    except Refusal as refused:
        sys.stderr.write(f"siaga: {refused}\n")
        return refused.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
