"""Where people and agencies reach this service from outside."""

from collections.abc import Callable
from pathlib import Path

from service_kit.transient import Away


def public_url(configured: str | None, *, host: str, port: int, data_dir: Path) -> Callable[[], str]:
    """Return a function that tells the base URL: the configured one, or this process's own address.

    It raises Away while the port that the system gave is not known yet.
    """

    def tell() -> str:
        if configured:
            return configured.rstrip("/")
        return f"http://{host}:{port or _given(data_dir / 'port')}"

    return tell


def _given(file: Path) -> str:
    try:
        return file.read_text().strip()
    except FileNotFoundError as error:
        raise Away("the HTTP port is not known yet") from error
