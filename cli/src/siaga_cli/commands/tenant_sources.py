"""Tenant files as a person names them: read together, every finding told at once; and written again."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared_schemas.tenant_files import check_together, read_tenant_file
from shared_schemas.tenant_findings import Finding
from shared_schemas.tenant_yaml import plain_value
from shared_schemas.tenants import TenantConfiguration
from siaga_cli import home
from siaga_cli.client import Answer, BadInput, Tenant
from siaga_cli.commands.shown.tables import plain
from siaga_cli.commands.shown.times import local
from siaga_cli.wording import language, text
from siaga_embedded.ports import LOOPBACK, Ports

PAGE_WIDTH = 100


def configurations(files: Sequence[Path]) -> list[TenantConfiguration]:
    """Read files.

    Raises:
        BadInput: with everything that is wrong in all of them, one line each.
    """
    environment = surroundings()
    read = [read_tenant_file(path, environment) for path in files]
    wrong = [finding for one in read if isinstance(one, list) for finding in one]
    good = [one for one in read if isinstance(one, TenantConfiguration)]
    wrong += check_together(good)
    if wrong:
        head = text("{count} things are wrong; nothing was changed:", count=len(wrong))
        raise BadInput("\n".join([head, *(f"  {line}" for line in _lines(wrong))]))
    return good


def _lines(wrong: Sequence[Finding]) -> list[str]:
    """Say each thing that is wrong once, however often a file repeats it."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in wrong:
        alike.setdefault((finding.file, finding.wrong()), []).append(finding)
    return [_line(findings) for findings in alike.values()]


def _line(findings: Sequence[Finding]) -> str:
    sentence = findings[0].sentence(language())
    if len(findings) == 1:
        return sentence
    return sentence + " " + text("(the same in {count} more places)", count=len(findings) - 1)


def written(told: Answer, tenant: Tenant) -> str:
    """Return a configuration that the directory told as the text of a file that can be applied again."""
    about = text(
        "{name}, version {version}, in force from {at} by {by}; save as {file}",
        name=tenant.name,
        version=told.get("version", "?"),
        at=local(told.get("applied_at"), tenant.zone),
        by=told.get("applied_by", "-"),
        file=f"{tenant.code}.yaml",
    )
    return f"# {plain(about)}\n{_as_yaml(told['configuration'])}"


def _as_yaml(value: object) -> str:
    """Write YAML in which a text stays a text for our own reader too: "53.03" and "1e5" are quoted."""
    import yaml

    class Writer(yaml.SafeDumper):
        """Plain YAML with quotation marks where our reader needs them."""

    def quoted(writer: yaml.SafeDumper, said: str) -> yaml.ScalarNode:
        style = None if plain_value(said) == said else "'"
        return writer.represent_scalar("tag:yaml.org,2002:str", said, style=style)

    Writer.add_representer(str, quoted)
    return yaml.dump(value, Dumper=Writer, allow_unicode=True, sort_keys=False, width=PAGE_WIDTH)


def surroundings() -> Mapping[str, str]:
    """Return what fills `${SIAGA_…}`: the environment, and where this checkout's demo agencies listen."""
    from siaga_cli.run.environments import MAIL_DOMAIN, WEBHOOKS

    port = Ports(home.places().ports).known().get(WEBHOOKS)
    demo = (
        {}
        if port is None
        else {
            "SIAGA_DEMO_WEBHOOKS": f"http://{LOOPBACK}:{port}",
            "SIAGA_DEMO_MAIL_DOMAIN": MAIL_DOMAIN,
        }
    )
    return {**demo, **os.environ}
