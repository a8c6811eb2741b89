"""`siaga tenant`: a regency's configuration, checked, compared, put in force, looked up."""

from datetime import tzinfo
from pathlib import Path
from typing import Annotated

import typer

from shared_schemas.tenant_changes import Change
from shared_schemas.tenant_files import as_plain
from siaga_cli.client import Answer, BadInput, NotUnderstood, Services, TenantBook
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.options import json_option, limit_option, name_argument
from siaga_cli.commands.shown.tables import say, show_json, show_table
from siaga_cli.commands.shown.times import local
from siaga_cli.commands.tenant_sources import configurations, written
from siaga_cli.wording import language, text


def register(app: typer.Typer) -> None:
    """Offer `tenant`."""
    group = typer.Typer(help=text("A regency's configuration."), no_args_is_help=True)
    _add_files(group)
    _add_looking(group)
    _add_show(group)
    app.add_typer(group, name="tenant")


def files_argument() -> typer.models.ArgumentInfo:
    """Return `FILE…`."""
    found: typer.models.ArgumentInfo = name_argument(text("FILE…"), text("Such as tenants/53.03.yaml."))
    return found


def _add_files(group: typer.Typer) -> None:
    @group.command("validate", help=text("Check files; everything that is wrong is told at once."))
    @doorway
    def validate(files: Annotated[list[Path], files_argument()]) -> None:
        for one in configurations(files):
            say(text("{code} {name}: valid", code=one.code, name=one.name))

    @group.command("diff", help=text("Say what applying files would change, and change nothing."))
    @doorway
    def diff(
        context: typer.Context,
        files: Annotated[list[Path], files_argument()],
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        read = configurations(files)
        with reception(context, administrator=True) as services:
            found = [(one.code, _preview(services, one.code, as_plain(one))) for one in read]
        if as_json:
            show_json({"items": [{"tenant": code, "changes": changes} for code, changes in found]})
            return
        for code, changes in found:
            _show_changes(code, changes)

    @group.command("apply", help=text("Put files in force, each whole or not at all; nothing restarts."))
    @doorway
    def apply(
        context: typer.Context,
        files: Annotated[list[Path], files_argument()],
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        read = configurations(files)
        with reception(context, administrator=True) as services:
            found = [
                services.change("PUT", "directory", f"/v1/tenants/{one.code}", as_plain(one)) for one in read
            ]
        if as_json:
            show_json({"items": found})
            return
        for applied in found:
            _show_applied(applied)


def _add_looking(group: typer.Typer) -> None:
    @group.command("list", help=text("List the regencies."))
    @doorway
    def list_tenants(context: typer.Context, as_json: Annotated[bool, json_option()] = False) -> None:
        with reception(context, administrator=True) as services:
            book = TenantBook(services)
            found = [dict(one) for one in book.lines]
            zoned = [] if as_json else [(one, book.of(str(one.get("tenant"))).zone) for one in found]
        if as_json:
            show_json({"items": found})
        else:
            _show_list(zoned)

    @group.command("history", help=text("List the versions of a regency's configuration, newest first."))
    @doorway
    def history(
        context: typer.Context,
        code: Annotated[str, name_argument(text("CODE"), text("Code of the regency, such as 53.03."))],
        limit: Annotated[int, limit_option(text("At most so many."))] = 20,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        with reception(context, administrator=True) as services:
            tenant = TenantBook(services).of(code)
            query = {"limit": min(limit, 200)}
            found = services.get("directory", f"/v1/tenants/{tenant.code}/history", query)
        if as_json:
            show_json({"tenant": tenant.code, "items": found.get("items", [])})
            return
        for version in found.get("items") or ():
            at = local(version.get("applied_at"), tenant.zone)
            by = version.get("applied_by", "-")
            say(text("Version {version} · {at} · {by}", version=version.get("version", "?"), at=at, by=by))
            _show_changes(tenant.code, version.get("changes") or [])


def _add_show(group: typer.Typer) -> None:
    @group.command(
        "show", help=text("Print the configuration in force, or of a version, as a file to apply again.")
    )
    @doorway
    def show(
        context: typer.Context,
        code: Annotated[str, name_argument(text("CODE"), text("Code of the regency, such as 53.03."))],
        version: Annotated[
            int | None,
            typer.Option(
                "--version",
                min=1,
                metavar=text("VERSION"),
                help=text("Of this version; see: tenant history."),
            ),
        ] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        with reception(context, administrator=True) as services:
            tenant = TenantBook(services).of(code)
            told = _told(services, tenant.code, version)
        if as_json:
            show_json(told)
        else:
            typer.echo(written(told, tenant), nl=False)


def _told(services: Services, code: str, version: int | None) -> Answer:
    """Return what the directory knows of a version. Raises BadInput where it knows none."""
    path = f"/v1/tenants/{code}" if version is None else f"/v1/tenants/{code}/history/{version}"
    told = services.find("directory", path)
    if told is None:
        raise BadInput(
            text(
                "There is no version {version} of {code}; see: siaga tenant history {code}",
                version=version,
                code=code,
            )
        )
    if not isinstance(told.get("configuration"), dict):
        raise NotUnderstood("directory")
    return told


def _preview(services: Services, code: str, value: object) -> list[Answer]:
    answer = services.change("POST", "directory", f"/v1/tenants/{code}/validate", value)
    changes = answer.get("changes")
    return changes if isinstance(changes, list) else []


def _show_changes(code: str, changes: list[Answer]) -> None:
    if not changes:
        say(text("{code}: nothing changes", code=code))
    for one in changes:
        change = Change(str(one.get("path", "?")), one.get("before"), one.get("after"))
        say(f"  {code} {change.sentence(language())}")


def _show_applied(applied: Answer) -> None:
    code, version = applied.get("tenant", "?"), applied.get("version", "?")
    if applied.get("unchanged"):
        say(text("{code}: already in force (version {version})", code=code, version=version))
        return
    count = len(applied.get("changes") or ())
    say(
        text(
            "{code}: version {version} is in force ({count} changes)", code=code, version=version, count=count
        )
    )


def _show_list(found: list[tuple[Answer, tzinfo]]) -> None:
    if not found:
        say(text("No regencies yet; begin with: siaga tenant apply FILE"))
        return
    headings = [text("Code"), text("Name"), text("Numbers begin"), text("Version"), text("Applied")]
    rows = [
        [
            one.get("tenant", "-"),
            one.get("name", "-"),
            one.get("abbreviation", "-"),
            one.get("version", "-"),
            local(one.get("applied_at"), zone),
        ]
        for one, zone in found
    ]
    show_table(headings, rows)
