"""What a data folder is for: the demo's calls and a centre's own never lie in one."""

from enum import StrEnum
from pathlib import Path

from siaga_embedded.places import write_whole
from siaga_embedded.refusal import ExitCode, Refusal

PURPOSE_FILE = "purpose"


class Purpose(StrEnum):
    """Whose calls a data folder holds, from its first start on."""

    DEMO = "demo"
    CENTRE = "centre"


class OtherPurpose(Refusal):
    """The data folder belongs to the other kind of run."""

    exit_code = ExitCode.DATA_NOT_USABLE

    def __init__(self, data: Path, wanted: Purpose) -> None:
        if wanted is Purpose.DEMO:
            super().__init__(
                f"Folder data {data} milik pusat panggilan sendiri: jalankan dengan DEMO=off, atau pilih SIAGA_HOME lain.",
                f"The data folder {data} is a centre's own: run with DEMO=off, or choose another SIAGA_HOME.",
            )
        else:
            super().__init__(
                f"Folder data {data} berisi panggilan demo: pilih SIAGA_HOME lain, atau hapus dengan `make clean`.",
                f"The data folder {data} holds the demo's calls: choose another SIAGA_HOME, or `make clean` first.",
            )


def require_purpose(data: Path, wanted: Purpose) -> None:
    """Refuse a folder of the other purpose. Reads only.

    Raises:
        OtherPurpose: demo and own calls would be mixed.
    """
    held = purpose_of(data)
    if held is not None and held is not wanted:
        raise OtherPurpose(data, wanted)


def purpose_of(data: Path) -> Purpose | None:
    """Return what a folder is for; one that was never started from is for nothing yet."""
    try:
        return Purpose((data / PURPOSE_FILE).read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        # folders of before this file was written were the demo's
        return Purpose.DEMO if (data / "secrets").exists() else None


def mark_purpose(data: Path, purpose: Purpose) -> None:
    """Write down what a folder is for; whoever calls holds the folder's lock."""
    write_whole(data / PURPOSE_FILE, purpose.value)
