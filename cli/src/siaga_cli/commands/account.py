"""`siaga account`: who may sign in: listed, made, changed, disabled, given a new password."""

from pathlib import Path
from typing import Annotated, Any

import typer

from service_kit.identity import Role
from siaga_cli import home
from siaga_cli.client import Answer, BadInput
from siaga_cli.client.accounts import AGENCY, ROBOT, Accounts
from siaga_cli.client.addresses import password_files
from siaga_cli.client.passwords import kept_in, made, new_password
from siaga_cli.client.services import segment
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.options import json_option, name_argument, tenant_option
from siaga_cli.commands.shown.tables import say, show_json, show_table
from siaga_cli.wording import text


def register(app: typer.Typer) -> None:
    """Offer `account`."""
    group = typer.Typer(help=text("Accounts: who may sign in, and as what."), no_args_is_help=True)
    _add_list(group)
    _add_add(group)
    _add_set(group)
    _add_switches(group)
    _add_password(group)
    app.add_typer(group, name="account")


def account_argument() -> Any:
    """Return `ACCOUNT`."""
    return name_argument(text("ACCOUNT"), text("The account's id: a desk's or a robot's, no person's name."))


def _name_option() -> Any:
    return typer.Option("--name", metavar=text("NAME"), help=text("How people call it, such as Petugas 4."))


def _tenants_option() -> Any:
    return typer.Option(
        "--tenant",
        metavar=text("CODE"),
        help=text("Code of its regency; repeat it for several; * for all (platform roles only)."),
    )


def _roles_option() -> Any:
    known = ", ".join(role for role in Role if role != AGENCY)
    return typer.Option(
        "--role", metavar=text("ROLE"), help=text("Repeat it for several: {known}.", known=known)
    )


def _agency_option() -> Any:
    return typer.Option(
        "--agency", metavar=text("AGENCY"), help=text("For an agency's account: its id, such as damkar.")
    )


def _file_option() -> Any:
    return typer.Option(
        "--password-file",
        metavar=text("FILE"),
        help=text("A file (mode 0600) that holds the password; without it one is made."),
    )


def _ask_option() -> Any:
    return typer.Option("--ask", help=text("Ask for the password at this terminal."))


def _add_list(group: typer.Typer) -> None:
    @group.command("list", help=text("List the accounts that you may manage."))
    @doorway
    def list_accounts(
        context: typer.Context,
        tenant: Annotated[str | None, tenant_option()] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        with reception(context, administrator=True) as services:
            found = Accounts(services).of(tenant)
        if as_json:
            show_json({"items": found})
        elif found:
            _show(found)
        else:
            say(text("No accounts."))


def _add_add(group: typer.Typer) -> None:
    @group.command("add", help=text("Make an account, with a new password."))
    @doorway
    def add(
        context: typer.Context,
        account: Annotated[str, account_argument()],
        name: Annotated[str, _name_option()],
        tenant: Annotated[list[str], _tenants_option()],
        role: Annotated[list[Role] | None, _roles_option()] = None,
        agency: Annotated[str | None, _agency_option()] = None,
        robot: Annotated[bool, typer.Option("--robot", help=text("A program, not a person."))] = False,
        password_file: Annotated[Path | None, _file_option()] = None,
        ask: Annotated[bool, _ask_option()] = False,
    ) -> None:
        segment(account)
        given = new_password(password_file, ask=ask)
        with reception(context, administrator=True) as services:
            accounts = Accounts(services)
            roles = [str(one) for one in role or ()]
            description = accounts.description(name, tenant, roles, agency, robot=robot)
            password, files = given or made(), [] if given else [_handed_over(account)]
            with kept_in(files, password):
                found = accounts.make(account, description, password)
        say(text("Account {account} is made.", account=account))
        _show([found])
        _name_files(files)


def _add_set(group: typer.Typer) -> None:
    @group.command("set", help=text("Change an account; what is not named stays."))
    @doorway
    def set_account(
        context: typer.Context,
        account: Annotated[str, account_argument()],
        name: Annotated[str | None, _name_option()] = None,
        tenant: Annotated[list[str] | None, _tenants_option()] = None,
        role: Annotated[list[Role] | None, _roles_option()] = None,
        agency: Annotated[str | None, _agency_option()] = None,
    ) -> None:
        if not (name or tenant or role or agency):
            raise BadInput(text("Say what shall change: --name, --tenant, --role or --agency."))
        with reception(context, administrator=True) as services:
            accounts = Accounts(services)
            known = accounts.of_id(account)
            kept = [AGENCY] if agency else known.get("roles") or []
            roles = [str(one) for one in role] if role else kept
            described = accounts.description(
                name or str(known.get("name")),
                tenant or known.get("tenants") or (),
                roles,
                agency or (known.get("agency") if AGENCY in roles else None),
                robot=known.get("kind") == ROBOT,
            )
            found = accounts.describe(known, **described)
        say(text("Account {account} is changed.", account=account))
        _show([found])


def _add_switches(group: typer.Typer) -> None:
    @group.command("disable", help=text("Let an account sign in no more."))
    @doorway
    def disable(context: typer.Context, account: Annotated[str, account_argument()]) -> None:
        _switch(context, account, disabled=True)
        say(text("Account {account} is disabled; who is signed in is out in ten minutes.", account=account))

    @group.command("enable", help=text("Let a disabled account sign in again."))
    @doorway
    def enable(context: typer.Context, account: Annotated[str, account_argument()]) -> None:
        _switch(context, account, disabled=False)
        say(text("Account {account} may sign in.", account=account))


def _switch(context: typer.Context, account: str, *, disabled: bool) -> None:
    with reception(context, administrator=True) as services:
        accounts = Accounts(services)
        accounts.describe(accounts.of_id(account), disabled=disabled)


def _add_password(group: typer.Typer) -> None:
    @group.command("password", help=text("Give an account a new password, also the one of this machine."))
    @doorway
    def password(
        context: typer.Context,
        account: Annotated[str, account_argument()],
        password_file: Annotated[Path | None, _file_option()] = None,
        ask: Annotated[bool, _ask_option()] = False,
    ) -> None:
        segment(account)
        given, own = new_password(password_file, ask=ask), password_files(account)
        handed_over = [] if given or own else [_handed_over(account)]
        password = given or made()
        with reception(context, administrator=True) as services, kept_in([*own, *handed_over], password):
            Accounts(services).set_password(account, password)
        say(text("Account {account} has a new password.", account=account))
        for file in own:
            say(text("This machine signs in with it from now on: {file}", file=file))
        _name_files(handed_over)


def _handed_over(account: str) -> Path:
    """Return where a password lies until it was handed over."""
    return home.data_folder() / "passwords" / account


def _name_files(files: list[Path]) -> None:
    for file in files:
        say(text("Its password: {file} (only you can read it). Hand it over, then delete it.", file=file))


def _show(found: list[Answer]) -> None:
    headings = [
        text("Account"),
        text("Name"),
        text("Regencies"),
        text("Roles"),
        text("Agency"),
        text("State"),
    ]
    rows = [
        [
            one.get("id", "-"),
            one.get("name", "-"),
            ", ".join(map(str, one.get("tenants") or ())) or "-",
            ", ".join(map(str, one.get("roles") or ())) or "-",
            one.get("agency") or "-",
            text("disabled") if one.get("disabled") else text("active"),
        ]
        for one in found
    ]
    show_table(headings, rows)
