"""Builds the directory and runs it."""

import asyncio
from functools import partial
from pathlib import Path

from directory import contracts
from directory.api import accounts, audit, tenants, tokens
from directory.application.accounts import ChangeAccount, CreateAccount, ReadAccounts
from directory.application.audit import ReadAudit
from directory.application.first_start import BY, FIRST_ACCOUNT, EnsureFirstAccount
from directory.application.ports import Passwords
from directory.application.present import PresentRights
from directory.application.tenants import ApplyTenant, Places, ReadTenants, ValidateTenant
from directory.application.tokens import IssueToken
from directory.config import DirectorySettings
from directory.gateways.failed_tries import RememberedTries
from directory.gateways.passwords import ThreadedPasswords
from directory.storage.accounts import ACCOUNTS, MongoAccounts
from directory.storage.tenants import TENANTS, MongoTenants
from directory.storage.trail import MongoTrail
from service_kit import passwords
from service_kit.decisions import Command
from service_kit.http import ask_record
from service_kit.identity import Signer
from service_kit.service import Service, main
from service_kit.telemetry import logger

LOG = logger(__name__)
FIRST_PASSWORD = f"accounts/{FIRST_ACCOUNT}"
PUBLISH_EVERY_SECONDS = 10.0
Jwks = dict[str, list[dict[str, str]]]


async def assemble(service: Service, settings: DirectorySettings) -> None:
    """Put the directory together: its doors, its store, and what happens at its first start."""
    signer = _signer(service, settings)
    trail = MongoTrail(service.database)
    kept_tenants = MongoTenants(service.store(TENANTS), service.database)
    kept_accounts = MongoAccounts(service.store(ACCOUNTS))
    hashes = ThreadedPasswords(passwords.Passwords(), at_once=settings.passwords_at_once)
    service.prepare(kept_tenants.prepare)
    service.prepare(trail.prepare)
    service.prepare(partial(_open_the_door, service, EnsureFirstAccount(kept_accounts, hashes, trail)))
    _add_tenants(service, settings, kept_tenants, trail)
    _add_accounts(service, kept_accounts, hashes, trail)
    issue = IssueToken(kept_accounts, hashes, signer, RememberedTries(), trail, service.clock)
    service.app.include_router(tokens.router(issue, signer.jwks))
    service.app.include_router(audit.router(ReadAudit(trail)))


def _signer(service: Service, settings: DirectorySettings) -> Signer:
    """Make the signing key at the first start, and tell its public half before anybody needs it."""
    signer = Signer(service.secrets, issuer=settings.token_issuer, audience=settings.token_audience)
    settings.token_keys.parent.mkdir(parents=True, exist_ok=True)
    signer.publish(settings.token_keys)
    service.background("keys", partial(_publish_for_ever, signer, settings.token_keys))
    return signer


async def _publish_for_ever(signer: Signer, path: Path) -> None:
    """Tell rotated keys without a restart."""
    published = signer.jwks()
    while True:
        await asyncio.sleep(PUBLISH_EVERY_SECONDS)
        published = _publish_news(signer, path, published)


def _publish_news(signer: Signer, path: Path, published: Jwks) -> Jwks:
    present = signer.jwks()
    if present != published or not path.exists():
        signer.publish(path)
        LOG.info("keys.published", count=len(present["keys"]))
    return present


async def _open_the_door(service: Service, ensure: EnsureFirstAccount) -> None:
    """Make the first administrator; the password lies in the secrets directory and nowhere else."""
    password = service.secrets.ensure(FIRST_PASSWORD).decode()
    if await ensure(password, Command(key=FIRST_PASSWORD, by=BY, at=service.clock())):
        LOG.info("account.first_created", account=FIRST_ACCOUNT, secret=FIRST_PASSWORD)


def _add_tenants(
    service: Service, settings: DirectorySettings, kept: MongoTenants, trail: MongoTrail
) -> None:
    check = contracts.CheckByContract()
    places = Places(settings.broker_partitions, settings.slots_per_tenant)
    apply = ApplyTenant(kept, trail, check, places)
    service.app.include_router(tenants.router(apply, ValidateTenant(kept, check), ReadTenants(kept)))


def _add_accounts(service: Service, kept: MongoAccounts, hashes: Passwords, trail: MongoTrail) -> None:
    create, change = CreateAccount(kept, hashes, trail), ChangeAccount(kept, hashes, trail)
    service.app.include_router(accounts.router(create, change, ReadAccounts(kept)))
    accounts.install_refusals(service.app)
    ask_record(service.app, PresentRights(kept))


def run() -> None:
    """Run the directory as a process."""
    main("directory", DirectorySettings, assemble)


if __name__ == "__main__":
    run()
