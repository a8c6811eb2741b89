"""Where the running services are, and who the person at this terminal is to them."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from service_kit.secrets import SecretNameRefused, Secrets, SecretUnavailable
from siaga_cli import home
from siaga_cli.client.refusals import Away, BadInput, not_running, service_away
from siaga_cli.wording import text

SERVICES_VARIABLE = "SIAGA_SERVICES"
ACCOUNT_VARIABLE = "SIAGA_ACCOUNT"
PASSWORD_VARIABLE = "SIAGA_PASSWORD_FILE"  # noqa: S105 - a variable's name
CLI_PASSWORD = home.CLI_ACCOUNT
ADMIN_PASSWORD = f"accounts/{home.ADMIN_ACCOUNT}"


@dataclass(frozen=True, slots=True)
class Credential:
    """An account and what proves it."""

    account: str
    password: str = field(repr=False)


def service_addresses() -> dict[str, str]:
    """Return each service's base URL by name: from SIAGA_SERVICES, else from the running system.

    Raises:
        Away: nothing runs here.
        BadInput: SIAGA_SERVICES names no usable file.
    """
    named = os.environ.get(SERVICES_VARIABLE)
    if not named:
        try:
            return home.service_addresses()
        except (home.NotRunning, AttributeError) as error:
            raise not_running(str(home.data_folder())) from error
    try:
        read = json.loads(Path(named).read_text(encoding="utf-8"))
        return {str(name): str(url) for name, url in read.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise BadInput(
            text("{file} (SIAGA_SERVICES) is not a JSON file of service names and URLs.", file=named)
        ) from error


def credential(*, administrator: bool = False) -> Credential:
    """Return who signs in: SIAGA_ACCOUNT with SIAGA_PASSWORD_FILE, else an account of this machine.

    The machine's own account works at the desk of its tenants; what concerns the platform as a whole is
    done by the administrator, whose password only this machine's owner can read.

    Raises:
        Away: the machine's own account has no password here, so nothing was ever started.
        BadInput: only one of the two is set, or the password file cannot be used.
    """
    own = home.ADMIN_ACCOUNT if administrator else home.CLI_ACCOUNT
    secret = ADMIN_PASSWORD if administrator else CLI_PASSWORD
    account = os.environ.get(ACCOUNT_VARIABLE) or own
    named = os.environ.get(PASSWORD_VARIABLE)
    if bool(os.environ.get(ACCOUNT_VARIABLE)) != bool(named):
        raise BadInput(text("SIAGA_ACCOUNT and SIAGA_PASSWORD_FILE belong together; set both or neither."))
    path = Path(named).absolute() if named else home.secrets_folder() / secret
    if not named and not path.exists():
        raise not_running(str(home.data_folder()))
    return Credential(account, password_in(path))


def password_in(path: Path) -> str:
    """Return the password that a file holds. Raises BadInput where it cannot be used."""
    try:
        return Secrets(path.parent).read(path.name).decode()
    except (SecretUnavailable, SecretNameRefused, UnicodeDecodeError) as error:
        raise BadInput(
            text("The password file {file} cannot be used; it must exist, with mode 0600.", file=path)
        ) from error


def password_files(account: str) -> list[Path]:
    """Return the files from which this terminal signs in as an account: its new password belongs there.

    Another account at services elsewhere (SIAGA_ACCOUNT with SIAGA_SERVICES) is none of this machine's.
    """
    named, file = os.environ.get(ACCOUNT_VARIABLE), os.environ.get(PASSWORD_VARIABLE)
    secrets = {home.ADMIN_ACCOUNT: ADMIN_PASSWORD, home.CLI_ACCOUNT: CLI_PASSWORD}
    here = home.secrets_folder() / secrets.get(account, "-")
    elsewhere = bool(named and os.environ.get(SERVICES_VARIABLE))
    own = [here] if account in secrets and here.exists() and not elsewhere else []
    if file and named == account:
        own.append(Path(file))
    return list(dict.fromkeys(one.resolve() for one in own))


def unreached(service: str, url: str) -> Away:
    """Return why a service cannot be reached: all of the system has ended, or this part of it is away."""
    from siaga_embedded.servers import written_servers

    if os.environ.get(SERVICES_VARIABLE) or written_servers(home.data_folder()) is not None:
        return service_away(service, url)
    return not_running(str(home.data_folder()))
