"""Builds the notifier and runs it."""

import os
import random
import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from agency_notifier import contracts
from agency_notifier.api import deliveries as delivery_doors
from agency_notifier.api import pages, replies
from agency_notifier.application.circuits import Circuits
from agency_notifier.application.follow_response import FollowResponse, Worker
from agency_notifier.application.ports import Outbound
from agency_notifier.application.reply_task import OpenLink, ReplyTask
from agency_notifier.application.send_delivery import SendDelivery
from agency_notifier.application.wake_delivery import WakeDelivery
from agency_notifier.application.write_notice import WriteNotice
from agency_notifier.config import NotifierSettings
from agency_notifier.gateways.address_book import TenantsBook
from agency_notifier.gateways.addresses import Addresses
from agency_notifier.gateways.mail import Mail, MailServer
from agency_notifier.gateways.pool import Bounds, Pool
from agency_notifier.gateways.public_url import public_url
from agency_notifier.gateways.reply_links import SignedLinks
from agency_notifier.gateways.vault_contents import VaultContents
from agency_notifier.gateways.webhook import Webhook
from agency_notifier.handlers import on_response
from agency_notifier.storage.deliveries import DELIVERIES, MongoDeliveries
from agency_notifier.storage.replies import REPLIES, MongoReplies
from agency_notifier.storage.responses import RESPONSES, MongoResponses
from service_kit.service import Service, main
from shared_schemas.vocabulary import ContactChannel

LEASE_SLACK = timedelta(seconds=5)
"""How much longer than the slowest try a claim lasts: after a crash the try is taken again that soon."""

LINK_KEY = "links.key"


@dataclass(frozen=True, slots=True)
class _Rooms:
    """What several doorways stand on."""

    deliveries: MongoDeliveries
    responses: MongoResponses
    book: TenantsBook
    links: SignedLinks
    circuits: Circuits
    worker: Worker


async def assemble(service: Service, settings: NotifierSettings) -> None:
    """Put the notifier together: what it hears, how it sends, and its doors."""
    kept = service.store(DELIVERIES)
    rooms = _Rooms(
        deliveries=MongoDeliveries(kept),
        responses=MongoResponses(service.store(RESPONSES)),
        book=TenantsBook(service.tenants),
        links=_links(service, settings),
        circuits=Circuits(),
        worker=_worker(settings),
    )
    pool = _pool(service, settings, rooms)
    follow = FollowResponse(rooms.responses, rooms.deliveries, rooms.book, pool, service.clock, rooms.worker)
    wake = WakeDelivery(rooms.deliveries, pool, service.clock, rooms.worker)
    service.hear(contracts.HEARS, on_response(follow))
    service.on_due(kept, wake)
    _open_doors(service, rooms)
    _count(service, rooms, pool)


def _worker(settings: NotifierSettings) -> Worker:
    """Name this process anew at each start: a claim of its former life is not its own."""
    slowest = max(settings.webhook_timeout_seconds, settings.smtp_timeout_seconds)
    return Worker(f"notifier-{os.urandom(6).hex()}", timedelta(seconds=slowest) + LEASE_SLACK)


def _links(service: Service, settings: NotifierSettings) -> SignedLinks:
    service.secrets.ensure(LINK_KEY)
    return SignedLinks(
        lambda: service.secrets.read_all(LINK_KEY),
        public_url(settings.public_url, host=settings.host, port=settings.port, data_dir=settings.data_dir),
        service.clock,
        life=timedelta(hours=settings.link_life_hours),
    )


def _pool(service: Service, settings: NotifierSettings, rooms: _Rooms) -> Pool:
    send = SendDelivery(
        rooms.deliveries,
        rooms.responses,
        rooms.book,
        WriteNotice(rooms.book, VaultContents(service.vault), rooms.links),
        _channels(service, settings),
        rooms.circuits,
        service.clock,
        random.random,
        rooms.worker,
    )
    bounds = Bounds(
        channels={
            ContactChannel.WEBHOOK: settings.webhooks_at_once,
            ContactChannel.EMAIL: settings.mails_at_once,
        },
        tenant=settings.tenant_at_once,
        endpoint=settings.endpoint_at_once,
    )
    pool = Pool(send, rooms.book, bounds)
    service.on_close(pool.close)
    return pool


def _channels(service: Service, settings: NotifierSettings) -> dict[ContactChannel, Outbound]:
    webhook = Webhook(
        lambda tenant, agency: service.secrets.ensure(f"agencies/{tenant}/{agency}"),
        Addresses(allow_private=settings.allow_private_addresses),
        service.clock,
        seconds=settings.webhook_timeout_seconds,
        trust=_trust(settings.webhook_ca_file),
    )
    service.on_close(webhook.close)
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_sender,
        starttls=settings.smtp_starttls,
        username=settings.smtp_username,
    )
    mail = Mail(
        server,
        lambda: service.secrets.read("smtp/password"),
        service.clock,
        seconds=settings.smtp_timeout_seconds,
    )
    return {ContactChannel.WEBHOOK: webhook, ContactChannel.EMAIL: mail}


def _trust(ca_file: Path | None) -> ssl.SSLContext | None:
    return None if ca_file is None else ssl.create_default_context(cafile=str(ca_file))


def _open_doors(service: Service, rooms: _Rooms) -> None:
    reply = ReplyTask(rooms.deliveries, rooms.responses, MongoReplies(service.store(REPLIES)), rooms.book)
    open_link = OpenLink(rooms.links, rooms.deliveries, rooms.responses, rooms.book)
    service.app.include_router(delivery_doors.router(rooms.deliveries))
    service.app.include_router(replies.router(reply))
    service.app.include_router(pages.router(open_link, reply, service.clock))


def _count(service: Service, rooms: _Rooms, pool: Pool) -> None:
    async def deliveries() -> dict[str, int]:
        return {
            "waiting": await rooms.deliveries.waiting(),
            "in_hand": pool.in_hand(),
            "open_circuits": rooms.circuits.open_now(service.clock()),
        }

    service.count("deliveries", deliveries)


def run() -> None:
    """Run the notifier as a process."""
    main("agency-notifier", NotifierSettings, assemble)


if __name__ == "__main__":
    run()
