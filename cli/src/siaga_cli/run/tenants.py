"""The checkout's tenants as they are to be applied."""

from collections.abc import Mapping
from pathlib import Path

from shared_schemas.tenant_files import read_tenant_file
from shared_schemas.tenants import TenantConfiguration
from siaga_cli.wording import language
from siaga_embedded.refusal import ExitCode, Refusal


class TenantsRefused(Refusal):
    """A tenant's file of the checkout is wrong; nothing is applied."""

    exit_code = ExitCode.DID_NOT_COME_UP


def read_tenants(folder: Path, placeholders: Mapping[str, str]) -> tuple[TenantConfiguration, ...]:
    """Read every tenant's file of a folder, its placeholders filled in.

    Raises:
        TenantsRefused: with everything that is wrong.
    """
    read = [read_tenant_file(path, placeholders) for path in sorted(folder.glob("*.yaml"))]
    wrong = [finding for one in read if isinstance(one, list) for finding in one]
    if wrong:
        said = "; ".join(finding.sentence(language()) for finding in wrong)
        raise TenantsRefused(
            f"Berkas kabupaten di {folder} tidak dapat dipakai: {said}",
            f"The tenants' files in {folder} cannot be used: {said}",
        )
    return tuple(one for one in read if isinstance(one, TenantConfiguration))
