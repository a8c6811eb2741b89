"""What is mutated: domain and application rooms of every service, and the pure parts of the libraries."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Room:
    """One room: a package's home, its name on import, and the files that are mutated.

    Attributes:
        judges: what of the package's tests is run, files or folders; empty for all of them.
        only: functions, as they begin in the tool's names of mutants; empty for all of the files.
    """

    name: str
    home: str
    package: str
    files: tuple[str, ...]
    judges: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    @property
    def source(self) -> Path:
        """The package's source."""
        return ROOT / self.home / "src" / self.package

    @property
    def tests(self) -> Path:
        """The package's own tests, all of them plain Python."""
        return ROOT / self.home / "tests"


def _rooms_of(service: str, package: str) -> tuple[Room, Room]:
    """Return a service's two pure rooms, each with its own tests; a small room is one file."""
    return _room(service, package, "domain"), _room(service, package, "application")


def _room(service: str, package: str, room: str) -> Room:
    home = f"services/{service}"
    has_own = (ROOT / home / "tests" / room).is_dir()
    return Room(f"{service}.{room}", home, package, (f"{room}/*", f"{room}.py"), (room,) if has_own else ())


def _part(name: str, files: str, judges: str, *only: str) -> Room:
    """Return a library's pure files and the tests that are about them."""
    home = "libs/service_kit" if name.startswith("kit.") else "libs/shared_schemas"
    tests = tuple(f"test_{one}.py" for one in judges.split())
    return Room(name, home, Path(home).name, tuple(f"{one}.py" for one in files.split()), tests, only)


ROOMS = {
    room.name: room
    for room in (
        *_rooms_of("triage", "triage"),
        *_rooms_of("dispatch", "dispatch"),
        *_rooms_of("agency-notifier", "agency_notifier"),
        *_rooms_of("intake", "intake"),
        *_rooms_of("statistics", "statistics_service"),
        *_rooms_of("directory", "directory"),
        _part("kit.memory", "memory outgoing unknown_fields", "memory unknown_fields"),
        _part("kit.events", "event progress transient", "event event_of_a_record progress transient"),
        _part(
            "kit.parts",
            "counts decisions fairness paging reading recent skew urgency",
            "counts decisions fairness paging reading recent skew urgency",
        ),
        _part("kit.order", "batches", "listener"),
        _part("kit.signing", "signing moment", "signing"),
        _part("kit.rights", "identity/grants", "identity_grants"),
        _part("kit.tokens", "identity/tokens", "identity_tokens"),
        _part("kit.vault", "vault/boxes vault/purpose vault/quarantine", "vault vault_quarantine"),
        _part(
            "schemas.tenants", "tenant_rules tenant_findings tenant_forms", "tenant_files tenant_sentences"
        ),
        _part("schemas.changes", "tenant_changes", "tenant_changes"),
        _part("schemas.events", "envelope identifiers compatibility", "envelope identifiers compatibility"),
    )
}
"""Every room by its name, the most consequential first."""
