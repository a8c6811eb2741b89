"""Listings over one regency or over all that this account may look into."""

from collections.abc import Callable

import typer

from siaga_cli.client import Answer, Refused, Tenant, TenantBook
from siaga_cli.wording import text


def of_tenants(
    book: TenantBook, chosen: str | None, listing: Callable[[str], list[Answer]]
) -> list[tuple[Tenant, Answer]]:
    """Return what each tenant has; one that this account may not look into is named and left out.

    Raises:
        Refused: a tenant that was asked for by name, or every tenant, is refused.
    """
    found: list[tuple[Tenant, Answer]] = []
    refused: list[tuple[str, Refused]] = []
    codes = book.codes(chosen)
    for code in codes:
        tenant = book.of(code)
        try:
            found += [(tenant, one) for one in listing(code)]
        except Refused as refusal:
            if refusal.kind != "forbidden":
                raise
            refused.append((code, refusal))
    if refused and len(refused) == len(codes):
        raise refused[0][1]
    if refused:
        left_out = ", ".join(code for code, _ in refused)
        typer.echo(
            text("Left out, because this account may not look there: {codes}", codes=left_out), err=True
        )
    return found
