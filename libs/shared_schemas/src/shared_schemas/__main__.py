"""`python -m shared_schemas generate | docs | check [--base REVISION]`."""

import argparse
import sys
from collections.abc import Sequence

from shared_schemas.asyncapi import event_doc_files
from shared_schemas.checks import check
from shared_schemas.places import Places, this_checkout
from shared_schemas.schemas import schema_files, write_files
from shared_schemas.topics import read_topics


def main(words: Sequence[str] | None = None, places: Places | None = None) -> int:
    """Do what the command says; the exit code is 1 when a check has findings."""
    said = _parser().parse_args(words)
    places = places or this_checkout()
    if said.command == "check":
        return _check(places, said.base)
    topics = read_topics(places.topics)
    schemas = schema_files(topics, places) if said.command == "generate" else {}
    for path in write_files(schemas | event_doc_files(topics, places)):
        _say(f"written: {places.name_of(path)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shared_schemas", description="The contracts' own tools.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "generate", help="write the JSON Schemas of events and tenants' files, and docs/events"
    )
    commands.add_parser("docs", help="write docs/events only: AsyncAPI and the table of topics")
    checking = commands.add_parser("check", help="prove that contracts, examples and services agree")
    checking.add_argument(
        "--base",
        metavar="REVISION",
        help="compare schemas with this one revision, not with all that ever landed",
    )
    return parser


def _check(places: Places, base: str | None) -> int:
    report = check(places, base=base)
    for note in report.notes:
        _say(f"note: {note}")
    for finding in report.findings:
        _say(finding)
    count = len(report.findings)
    _say(
        "contracts: all checks passed"
        if count == 0
        else f"contracts: {count} finding{'s' if count > 1 else ''}"
    )
    return 1 if count else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
