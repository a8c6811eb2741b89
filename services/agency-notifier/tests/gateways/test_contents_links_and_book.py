"""What is opened for a message, the links in it, and the address book it is sent by."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agency_notifier.application.ports import Content, ContentUnavailable, LinkBroken, Linked, LinkExpired
from agency_notifier.domain.delivery import Claim, Delivery, make
from agency_notifier.domain.response import SUPERVISOR, Brief, Request
from agency_notifier.gateways.address_book import TenantNotKnown, TenantsBook
from agency_notifier.gateways.public_url import public_url
from agency_notifier.gateways.reply_links import PURPOSE, SignedLinks
from agency_notifier.gateways.vault_contents import VaultContents
from service_kit.signing import LinkSigner
from service_kit.tenancy import Tenants
from service_kit.transient import Away
from service_kit.vault import Purpose, Unopened
from shared_schemas.events import TenantConfigured
from shared_schemas.sealed import Sealed
from shared_schemas.tenants import TenantConfiguration
from shared_schemas.vocabulary import ContactChannel, ReplyKind

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
OPENED: dict[str, str | Unopened] = {
    "place": "dekat pasar baru",
    "point": json.dumps({"latitude": -9.45, "longitude": 124.48, "radius_m": 20}),
    "story": "rumah terbakar",
    "caller": json.dumps({"number": "081200000042", "name": "Fulan"}),
}


class FakeVault:
    """Opens by field name."""

    def __init__(self, values: dict[str, str | Unopened], error: Exception | None = None) -> None:
        self.values, self.error = values, error
        self.asked: list[tuple[str, list[str], Purpose, str]] = []

    async def open_many(
        self, tenant: str, items: Sequence[tuple[str, Sealed]], *, purpose: Purpose, by: str
    ) -> list[str | Unopened]:
        if self.error:
            raise self.error
        self.asked.append((tenant, [field for field, _ in items], purpose, by))
        return [self.values[field] for field, _ in items]


def a_brief() -> Brief:
    sealed = Sealed("call-1/1", "bg", "Yw")
    return Brief("TTU-1", "structure_fire", "P1", "53.03.01", sealed, sealed, sealed, sealed)


class TestContents:
    async def test_everything_is_opened_for_the_purpose_notify(self) -> None:
        vault = FakeVault(OPENED)
        content = await VaultContents(vault).open("53.03", a_brief())
        assert content == Content("dekat pasar baru", -9.45, 124.48, "rumah terbakar", "081200000042")
        fields = ["place", "point", "story", "caller"]
        assert vault.asked == [("53.03", fields, Purpose.NOTIFY, "agency-notifier")]

    async def test_what_was_erased_is_missing_and_the_rest_goes(self) -> None:
        vault = FakeVault({**OPENED, "story": Unopened.ERASED, "caller": Unopened.BROKEN})
        content = await VaultContents(vault).open("53.03", a_brief())
        assert (content.place, content.story, content.caller_number) == ("dekat pasar baru", None, None)

    @pytest.mark.parametrize("odd", ["", "no json", "[1]", '{"latitude": "x"}', '{"latitude": true}', "null"])
    async def test_odd_content_is_missing_too(self, odd: str) -> None:
        vault = FakeVault({**OPENED, "point": odd, "caller": odd})
        content = await VaultContents(vault).open("53.03", a_brief())
        assert (content.latitude, content.caller_number) == (None, None)

    async def test_a_vault_that_is_away_is_said_so(self) -> None:
        with pytest.raises(ContentUnavailable):
            await VaultContents(FakeVault(OPENED, Away("gone"))).open("53.03", a_brief())


def a_delivery() -> Delivery:
    request = Request("id-1", "task-1", 1, "damkar", "posko", NOON, NOON, stands=True)
    return make(
        request,
        tenant="53.03",
        ticket_id="ticket-1",
        channels=(ContactChannel.EMAIL,),
        claim=Claim("me", NOON, NOON),
        configuration_version=1,
    )


def links(now: datetime = NOON, secret: bytes = b"k" * 32) -> SignedLinks:
    return SignedLinks(lambda: [secret], lambda: "https://112.example", lambda: now, life=timedelta(hours=24))


def token_of(link: str) -> str:
    start = "https://112.example/r/"
    assert link.startswith(start)
    return link.removeprefix(start)


class TestLinks:
    @pytest.mark.parametrize("kind", list(ReplyKind))
    def test_a_link_names_tenant_delivery_and_reply(self, kind: ReplyKind) -> None:
        token = token_of(links().of(a_delivery())[kind])
        assert links(NOON + timedelta(hours=23)).read(token) == Linked("53.03", "id-1", kind)

    def test_after_a_day_it_is_no_longer_good(self) -> None:
        token = token_of(links().of(a_delivery())[ReplyKind.DONE])
        with pytest.raises(LinkExpired):
            links(NOON + timedelta(hours=24)).read(token)

    @pytest.mark.parametrize("token", ["", "x", "a.b", "é.é", "." * 500])
    def test_what_is_not_ours_says_nothing(self, token: str) -> None:
        with pytest.raises(LinkBroken):
            links().read(token)

    def test_a_link_of_another_key_is_not_ours(self) -> None:
        token = token_of(links(secret=b"o" * 32).of(a_delivery())[ReplyKind.DONE])
        with pytest.raises(LinkBroken):
            links().read(token)

    @pytest.mark.parametrize("claims", [{"t": "53.03", "d": "id-1", "r": "paused"}, {"t": "53.03"}])
    def test_a_link_of_a_newer_release_is_not_known_here(self, claims: dict[str, str]) -> None:
        token = LinkSigner(b"k" * 32).token(PURPOSE, claims, NOON + timedelta(hours=1))
        with pytest.raises(LinkBroken):
            links().read(token)

    def test_a_link_fits_on_a_line_of_a_mail(self) -> None:
        assert all(len(link) < 300 for link in links().of(a_delivery()).values())

    def test_a_program_is_told_where_to_post(self) -> None:
        where = "https://112.example/v1/tenants/53.03/tickets/ticket-1/tasks/task-1/replies"
        assert links().api_of(a_delivery()) == where


class TestPublicUrl:
    def test_the_configured_one_wins(self, tmp_path: Path) -> None:
        assert (
            public_url("https://112.example/", host="h", port=1, data_dir=tmp_path)() == "https://112.example"
        )

    def test_else_it_is_the_own_address_as_soon_as_the_port_is_known(self, tmp_path: Path) -> None:
        tell = public_url(None, host="127.0.0.1", port=0, data_dir=tmp_path)
        with pytest.raises(Away):
            tell()
        (tmp_path / "port").write_text("4711")
        assert tell() == "http://127.0.0.1:4711"


def a_configuration() -> TenantConfigured:
    clock = dict.fromkeys(("P1", "P2", "P3", "P4"), 60)
    posko = {
        "id": "posko",
        "name": "Posko siaga",
        "channel": "email",
        "url": "https://damkar.example/112",
        "email": "posko@damkar.example",
    }
    name = {"id": "Kebakaran", "en": "Fire"}
    configuration = {
        "code": "53.03",
        "name": "Kabupaten Timor Tengah Utara",
        "abbreviation": "TTU",
        "time_zone": "Asia/Makassar",
        "agencies": [{"id": "damkar", "name": "Damkar", "contacts": [posko]}],
        "incident_types": [{"code": "fire", "common": "structure_fire", "priority": "P1", "name": name}],
        "clocks": {"acceptance_seconds": clock, "arrival_seconds": clock, "completion_seconds": clock},
        "supervisor": {
            "contacts": [{"id": "pengawas", "name": "Pengawas", "channel": "email", "email": "p@x.example"}]
        },
    }
    return TenantConfigured(
        tenant="53.03",
        version=7,
        slots=(0,),
        configuration=TenantConfiguration.model_validate(configuration),
        applied_at=NOON,
        applied_by="test",
    )


class TestAddressBook:
    @pytest.fixture
    async def book(self) -> TenantsBook:
        tenants = Tenants()
        await tenants.take(a_configuration())
        return TenantsBook(tenants)

    def test_a_contacts_preferred_channel_comes_first(self, book: TenantsBook) -> None:
        contact = book.contact("53.03", "damkar", "posko")
        assert contact is not None
        assert list(contact.addresses.items()) == [
            ("email", "posko@damkar.example"),
            ("webhook", "https://damkar.example/112"),
        ]

    def test_the_supervisor_is_in_it(self, book: TenantsBook) -> None:
        contact = book.contact("53.03", SUPERVISOR, "pengawas")
        assert contact is not None
        assert dict(contact.addresses) == {"email": "p@x.example"}

    def test_who_is_not_there_is_not_found(self, book: TenantsBook) -> None:
        assert book.contact("53.03", "damkar", "nobody") is None
        assert book.contact("53.03", "nobody", "posko") is None

    def test_types_have_the_tenants_names(self, book: TenantsBook) -> None:
        assert book.type_name("53.03", "fire") == ("Kebakaran", "Fire")
        assert book.type_name("53.03", "comet") == ("comet", "comet")

    def test_an_unknown_tenant_means_wait(self, book: TenantsBook) -> None:
        with pytest.raises(TenantNotKnown):
            book.regency("53.04")
        assert book.regency("53.03").configuration_version == 7
