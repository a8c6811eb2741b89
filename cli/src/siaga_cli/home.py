"""Where a running system of this checkout lies, and how a program at the same machine finds its doors."""

import json
import os
from pathlib import Path

from siaga_embedded.places import Places

CLI_ACCOUNT = "cli"
"""The local person's account; its password is the secret `cli`."""

ADMIN_ACCOUNT = "admin"
"""The account that the directory makes at its first start; its password is the secret `accounts/admin`."""

SERVICES_FILE = "services.json"


class NotRunning(Exception):
    """No system has been started from this folder yet."""


def checkout() -> Path:
    """Return the folder that holds `tenants/` and `demo/`."""
    return Path(os.environ.get("SIAGA_CHECKOUT") or Path(__file__).parents[3]).resolve()


def data_folder() -> Path:
    """Return the folder of everything that this checkout keeps: `.siaga`, or SIAGA_HOME."""
    return Path(os.environ.get("SIAGA_HOME") or checkout() / ".siaga").absolute()


def places() -> Places:
    """Return the places below the data folder."""
    return Places(data_folder())


def secrets_folder() -> Path:
    """Return the folder of secret files, readable by their owner only."""
    return data_folder() / "secrets"


def service_addresses() -> dict[str, str]:
    """Return each service's base URL by its name.

    Raises:
        NotRunning: `siaga run` has written no addresses here.
    """
    try:
        read = json.loads((data_folder() / SERVICES_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotRunning(str(data_folder())) from error
    return {str(name): str(url) for name, url in read.items()}
