"""What a person reads at a second terminal is what the services know: every listing, for people and for programs."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from siaga_cli.commands.shown.timeline import _NOISE
from tests.e2e.system import ROOT, System
from tests.e2e.terminal import Said, Terminal
from tests.e2e.truth import true_calls

pytestmark = pytest.mark.e2e

TENANTS = ("53.03", "53.71")
ALL = ("--limit", "5000")
FLOW = ("intake", "triage", "dispatch", "agency-notifier")
UTC_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
TRACE_ID = re.compile(r"[0-9a-f]{32}")
SERVER_TIME = re.compile(r"\d\d-\d\d \d\d:\d\d:\d\d\.\d")
Json = dict[str, Any]


@pytest.fixture(scope="module")
def siaga(replayed: System) -> Terminal:
    return Terminal(replayed)


@pytest.fixture
def changed_file(tmp_path: Path) -> Path:
    """A regency's file with another name in it."""
    file = tmp_path / "53.71.yaml"
    written = (ROOT / "tenants" / file.name).read_text()
    assert "name: Kota Kupang\n" in written
    file.write_text(written.replace("name: Kota Kupang\n", "name: Kota Kupang Baru\n", 1))
    return file


def test_the_start_has_said_where_every_service_is_and_each_answers_there(replayed: System) -> None:
    said = (replayed.home / "run.log").read_text().splitlines()
    assert replayed.addresses.keys() == {*FLOW, "directory", "statistics"}
    for service, address in replayed.addresses.items():
        assert [service, address] in [line.split() for line in said]
        answer = replayed.door.get(f"{address}/version").raise_for_status().json()
        assert answer["service"] == service


def test_calls_are_those_of_the_desk_and_ended_as_they_really_did(replayed: System, siaga: Terminal) -> None:
    items = siaga("calls", "--json", *ALL).items
    for tenant in TENANTS:
        desk = [call["call_id"] for call in replayed.all("triage", f"/v1/tenants/{tenant}/calls", view="all")]
        assert [one["call_id"] for one in items if one["tenant"] == tenant] == desk
    listed = {one["call_id"]: one for one in items}
    true = true_calls(replayed.shift)
    known = [
        call
        for tenant in TENANTS
        for call in replayed.all("intake", f"/v1/tenants/{tenant}/calls", view="all")
    ]
    recorded = {call["exchange_call_id"]: call["call_id"] for call in known}
    assert len(true) == 171
    assert {one: listed[recorded[one]]["outcome"] for one in true} == {
        one: call.outcome for one, call in true.items()
    }
    one = next(call for call in items if call["outcome"] == "abandoned_in_queue")
    assert "abandoned in the queue" in siaga("calls", *ALL).line_with(one["call_id"])
    assert "putus di antrean" in siaga("calls", *ALL, language="id").line_with(one["call_id"])


def test_tickets_are_those_of_triage_newest_first(replayed: System, siaga: Terminal) -> None:
    items = siaga("tickets", "--json", *ALL).items
    for tenant in TENANTS:
        kept = replayed.all("triage", f"/v1/tenants/{tenant}/tickets", status="all")
        facts = {one["number"]: (one["status"], one["disposition"], one["calls"]) for one in kept}
        listed = {
            one["number"]: (one["status"], one["disposition"], one["calls"])
            for one in items
            if one["tenant"] == tenant
        }
        assert listed == facts
    opened = [one["opened_at"] for one in items]
    assert opened == sorted(opened, reverse=True)
    table = siaga("tickets", *ALL)
    numbers = [line.split()[0] for line in table.lines if re.match(r"[A-Z]{3}-\d{8}-\d{4}", line)]
    assert numbers == [one["number"] for one in items]
    helped = next(one for one in items if one["disposition"] == "helped")
    assert "closed (helped)" in table.line_with(helped["number"])
    assert ", ".join(helped["escalations"][0]["agencies"]) in table.line_with(helped["number"])


def busiest_ticket(system: System) -> tuple[str, Json, Json]:
    """Return the tenant, the ticket and the response in which most was asked of agencies."""
    found = [
        (tenant, response)
        for tenant in TENANTS
        for response in system.all("dispatch", f"/v1/tenants/{tenant}/responses", status="all")
    ]
    tenant, response = max(found, key=lambda one: len(one[1]["tasks"]))
    ticket = system.get("triage", f"/v1/tenants/{tenant}/tickets/{response['ticket_id']}")
    return tenant, ticket, system.get("dispatch", f"/v1/tenants/{tenant}/responses/{response['ticket_id']}")


def told_by_services(
    system: System, tenant: str, ticket: Json, response: Json
) -> Counter[tuple[str, str, str]]:
    """Return every step that each service itself tells of a ticket: service, what, trace."""
    home = f"/v1/tenants/{tenant}"
    tellings = [("triage", ticket), ("dispatch", response)]
    for call in ticket["calls"]:
        tellings += [(one, system.get(one, f"{home}/calls/{call}")) for one in ("intake", "triage")]
    for line in system.all("agency-notifier", f"{home}/deliveries", ticket_id=ticket["ticket_id"]):
        told = system.get("agency-notifier", f"{home}/deliveries/{line['delivery_id']}")
        tellings.append(("agency-notifier", told))
    return Counter(
        (service, step["what"], step["trace_id"])
        for service, told in tellings
        for step in told["timeline"]
        if step["what"] not in _NOISE
    )


def test_a_ticket_is_told_whole_with_each_services_steps_in_one_order(
    replayed: System, siaga: Terminal
) -> None:
    tenant, ticket, response = busiest_ticket(replayed)
    story = siaga("ticket", ticket["number"], "--json").json
    steps = story["timeline"]
    assert Counter((one["service"], one["what"], one["trace_id"]) for one in steps) == told_by_services(
        replayed, tenant, ticket, response
    )
    assert {one["service"] for one in steps} == set(FLOW)
    times = [datetime.fromisoformat(one["at"]) for one in steps]
    assert times == sorted(times)
    for one in steps:
        assert UTC_MOMENT.fullmatch(one["at"])
        assert one["by"]
        assert TRACE_ID.fullmatch(one["trace_id"])
    (trace_id,) = {one["trace_id"] for one in steps if one["what"] == "ticket.opened"}
    assert {one["service"] for one in steps if one["trace_id"] == trace_id} == set(FLOW)
    heard = [one for one in steps if one["service"] == "intake"]
    assert all(UTC_MOMENT.fullmatch(one["occurred_at"]) for one in heard), "the exchange's own clock"
    assert story["missing"] == []
    assert [one["status"] for one in story["response"]["tasks"]] == [
        one["status"] for one in response["tasks"]
    ]


def test_a_tickets_story_can_be_read_by_people_in_both_languages(replayed: System, siaga: Terminal) -> None:
    tenant, ticket, response = busiest_ticket(replayed)
    known = replayed.get("directory", f"/v1/tenants/{tenant}")["configuration"]["agencies"]
    names = {one["id"]: one["name"] for one in known}
    english = siaga("ticket", ticket["number"])
    assert english.lines[0].startswith(ticket["number"])
    for task in response["tasks"]:
        assert any(line.startswith(names[task["agency"]]) for line in english.lines)
    assert "ticket opened" in english.line_with("ticket opened  ", ticket["opened_by"])
    for trace_id in {step["trace_id"] for step in ticket["timeline"]}:
        assert trace_id in english.line_with("Traces: ")
    caller = [line for line in english.lines if line.startswith("Caller")]
    assert ["(sealed; --personal opens it)" in line for line in caller] == [True] * bool(ticket["caller"])
    indonesian = siaga("ticket", ticket["number"], language="id")
    assert "tiket dibuka" in indonesian.line_with("tiket dibuka  ", ticket["opened_by"])
    assert moments_of(indonesian) == moments_of(english)
    assert len(moments_of(english)) > len(response["tasks"])


def moments_of(story: Said) -> list[str]:
    """Return the server's time of each step, as people read it."""
    return [found[0] for line in story.lines if (found := SERVER_TIME.match(line))]


def test_a_recap_is_that_of_statistics_with_all_its_sum_checks(replayed: System, siaga: Terminal) -> None:
    months = [
        (tenant, month)
        for tenant in TENANTS
        for month in replayed.get("statistics", f"/v1/tenants/{tenant}/recaps")["items"]
    ]
    assert {tenant for tenant, _ in months} == set(TENANTS)
    for tenant, month in months:
        told = replayed.get("statistics", f"/v1/tenants/{tenant}/recaps/{month}")
        assert siaga("recap", tenant, "--month", month, "--json").json == told
        table = siaga("recap", tenant, "--month", month)
        value = {one["indicator"]: one["value"] for one in told["figures"] if not one["of"]}
        assert first_figure(table) == ("Calls received", value["calls_received"])
        checks = [line for line in table.lines if line.startswith(("OK ", "DIFFERS "))]
        assert len(checks) == len(told["checks"]) > 5
        for line, check in zip(checks, told["checks"], strict=True):
            assert line.startswith("OK ")
            assert f" = {check['left_value']} " in line
            assert line.endswith(f" = {check['right_value']}")
        assert first_figure(siaga("recap", tenant, "--month", month, language="id"))[0] == "Panggilan masuk"


def first_figure(recap: Said) -> tuple[str, int]:
    """Return the name and the value in the first row of a recap's table."""
    ruler = next(place for place, line in enumerate(recap.lines) if line.startswith("─"))
    name, value, *_ = re.split(r"\s{2,}", recap.lines[ruler + 1])
    return name, int(value)


def test_the_status_says_that_all_is_up_and_nothing_waits(replayed: System, siaga: Terminal) -> None:
    told = siaga("status", "--json").json
    assert told["up"] is True
    assert {one["service"]: one["url"] for one in told["services"]} == replayed.addresses
    assert all(one["up"] and not one["waiting_for"] for one in told["services"])
    assert {one["kind"]: one["address"] for one in told["servers"]} == {
        "kafka": replayed.kafka_bootstrap,
        "store": re.sub(r"^mongodb://|/.*$", "", replayed.mongo_url),
    }
    table = siaga("status")
    for service, address in replayed.addresses.items():
        assert table.line_with(f"{service} ", address).split()[1] == "ready"
    assert table.line_with("Kafka:").endswith(", up")
    assert "siap" in siaga("status", language="id").line_with("intake ", replayed.addresses["intake"])


def test_a_rebuild_is_the_one_that_statistics_did_and_finds_the_same_figures(
    replayed: System, siaga: Terminal
) -> None:
    told = siaga("rebuild", "statistics", "--json").json
    headers = {"Authorization": f"Bearer {replayed.token('admin', 'accounts/admin')}"}
    url = f"{replayed.addresses['statistics']}/v1/rebuild/{told['id']}"
    assert replayed.door.get(url, headers=headers).raise_for_status().json() == told
    assert (told["status"], told["equal"], told["differing"], told["by"]) == ("done", True, 0, "admin")
    assert told["read"] > len(true_calls(replayed.shift))


def test_regencies_are_listed_with_the_version_that_is_in_force(replayed: System, siaga: Terminal) -> None:
    in_force = replayed.door.get(f"{replayed.addresses['triage']}/status").json()["tenants"]
    items = siaga("tenant", "list", "--json").items
    assert {one["tenant"]: one["version"] for one in items} == in_force
    table = siaga("tenant", "list", language="id")
    assert [table.line_with(one["tenant"], one["abbreviation"]) for one in items]


def test_a_regencys_file_is_checked_and_compared_and_nothing_is_changed(
    siaga: Terminal, changed_file: Path
) -> None:
    before = siaga("tenant", "history", "53.71", "--json").items
    assert siaga("tenant", "validate", str(changed_file)).lines == ["53.71 Kota Kupang Baru: valid"]
    assert siaga("tenant", "diff", "tenants/53.71.yaml").lines == ["53.71: nothing changes"]
    (told,) = siaga("tenant", "diff", str(changed_file), "--json").items
    assert told["tenant"] == "53.71"
    (change,) = told["changes"]
    assert change == {"path": "name", "before": '"Kota Kupang"', "after": '"Kota Kupang Baru"'}
    (line,) = siaga("tenant", "diff", str(changed_file)).lines
    assert line.split()[:2] == ["53.71", "name:"]
    assert "Kota Kupang Baru" in line
    assert siaga("tenant", "history", "53.71", "--json").items == before
    assert siaga("tenant", "history", "53.71").lines[0].startswith(f"Version {before[0]['version']} · ")


def test_a_wrong_file_is_refused_with_all_that_is_wrong(siaga: Terminal, changed_file: Path) -> None:
    written = changed_file.read_text()
    changed_file.write_text(written.replace("abbreviation:", "abreviation:", 1))
    for deed in ("validate", "diff", "apply"):
        said = siaga("tenant", deed, str(changed_file), code=2)
        assert said.out == ""
        assert "nothing was changed" in said.err
        assert "abreviation" in said.err
    assert "abreviation" in siaga("tenant", "validate", str(changed_file), code=2, language="id").err


def secrets_of(system: System) -> Iterator[str]:
    """Return what stands in the secret files, as far as it is text."""
    for file in (system.home / "secrets").rglob("*"):
        if file.is_file():
            yield from re.findall(r"[\w+/=-]{16,}", file.read_bytes().decode("ascii", "ignore"))


def test_settings_are_those_that_the_services_were_started_with_and_no_secret(
    replayed: System, siaga: Terminal
) -> None:
    said = siaga("config", "--json")
    found = {(one["service"], one["variable"]): (one["value"], one["origin"]) for one in said.items}
    for service, address in replayed.addresses.items():
        assert found[service, "SIAGA_PORT"] == (address.rpartition(":")[2], "run")
        assert found[service, "KAFKA_BOOTSTRAP"] == (replayed.kafka_bootstrap, "run")
        assert found[service, "MONGO_URL"] == (replayed.mongo_url, "run")
    assert found["intake", "SIAGA_LOG_LEVEL"] == ("INFO", "default")
    secrets = set(secrets_of(replayed))
    assert len(secrets) > 10
    assert [one for one in secrets if one in said.out] == []
    table = siaga("config", "intake")
    assert replayed.kafka_bootstrap in table.line_with("KAFKA_BOOTSTRAP")
    assert "There is no service nobody" in siaga("config", "nobody", code=2).err
