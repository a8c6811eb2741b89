"""A tenant's file is read whole, or refused with every error at once."""

import json
import time
from pathlib import Path

import pytest

from shared_schemas.tenant_files import (
    SCHEMA_FILE,
    check_configuration,
    check_together,
    diff,
    read_tenant_file,
    read_tenant_text,
    tenant_json_schema,
)
from shared_schemas.tenant_findings import Finding, FindingKind
from shared_schemas.tenant_forms import ABBREVIATION, FORMS, KEY, TENANT_CODE, Form
from shared_schemas.tenants import TenantConfiguration
from shared_schemas.vocabulary import COMMON_INCIDENT_TYPES

TENANTS = Path(__file__).parents[3] / "tenants"
ENVIRONMENT = {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:9", "SIAGA_DEMO_MAIL_DOMAIN": "demo.invalid"}
CODES = ("53.03", "53.04", "53.71")
TTU = (TENANTS / "53.03.yaml").read_text(encoding="utf-8")


def read(code: str) -> TenantConfiguration:
    configuration = read_tenant_file(TENANTS / f"{code}.yaml", ENVIRONMENT)
    assert isinstance(configuration, TenantConfiguration), [one.sentence() for one in configuration]
    return configuration


def findings(text: str | bytes) -> list[Finding]:
    content = text if isinstance(text, bytes) else text.encode()
    found = read_tenant_text(content, ENVIRONMENT)
    assert isinstance(found, list)
    return found


def changed(old: str, new: str) -> list[Finding]:
    assert old in TTU
    return findings(TTU.replace(old, new, 1))


@pytest.mark.parametrize("code", CODES)
def test_the_files_of_the_three_regencies_are_good(code: str) -> None:
    configuration = read(code)
    assert configuration.code == code
    assert {kind.common for kind in configuration.incident_types} == COMMON_INCIDENT_TYPES
    assert all(len(agency.contacts) > 1 for agency in configuration.agencies)


def test_the_three_regencies_do_not_claim_the_same_thing() -> None:
    assert check_together(read(code) for code in CODES) == []


@pytest.mark.parametrize("code", CODES)
def test_the_files_name_no_telephone_number(code: str) -> None:
    text = (TENANTS / f"{code}.yaml").read_text(encoding="utf-8")
    digits = [word for word in text.split() if sum(letter.isdigit() for letter in word) > 8]
    assert digits == [f"{read(code).abbreviation}-20261122-0017"]


def test_the_json_schema_beside_the_files_is_current() -> None:
    kept = json.loads((TENANTS / SCHEMA_FILE).read_text(encoding="utf-8"))
    assert kept == tenant_json_schema()


def test_every_error_of_a_file_is_told_at_once_in_the_order_of_its_lines() -> None:
    text = (
        TTU.replace('code: "53.03"', "code: 53.10")
        .replace("time_zone: Asia/Makassar", "time_zone: Asia/Kefamenanu")
        .replace("substitutes: [bpbd, satpol_pp]", "substitute: [bpbd]")
        .replace("common: flood", "common: floods")
        .replace("[damkar, pln, polres]", "[damkar, plm, polres]")
        .replace("P1: 60,", "P1: -1,")
    )
    found = findings(text)
    assert [one.kind for one in found] == [
        FindingKind.NEEDS_QUOTES,
        FindingKind.UNKNOWN_TIME_ZONE,
        FindingKind.LIKELY_KEY,
        FindingKind.UNKNOWN_AGENCY,
        FindingKind.NOT_COMMON,
        FindingKind.OUT_OF_RANGE,
    ]
    lines = [one.line for one in found]
    assert None not in lines
    assert lines == sorted(lines, key=lambda line: line or 0)
    assert '"53.10"' in found[0].sentence()
    assert "`substitutes`" in found[2].sentence("en")


@pytest.mark.parametrize(
    ("old", "new", "kind", "field"),
    [
        ("abbreviation: TTU", "abbreviation: ttu", FindingKind.WRONG_FORM, "abbreviation"),
        ("profile: nena_2020", "profile: nena", FindingKind.NOT_A_CHOICE, "profile"),
        ("profile: nena_2020", "profile: own", FindingKind.NO_THRESHOLDS, "profile"),
        ("schema_version: 1", "schema_version: 2", FindingKind.NOT_A_CHOICE, "schema_version"),
        ("P1: 60,", "P1: sixty,", FindingKind.WRONG_KIND, "clocks.acceptance_seconds.P1"),
        ("P1: 60,", "P1: .nan,", FindingKind.WRONG_KIND, "clocks.acceptance_seconds.P1"),
        ("P1: 60,", "P1: true,", FindingKind.WRONG_KIND, "clocks.acceptance_seconds.P1"),
        ("P1: 60,", "P1: 999999,", FindingKind.OUT_OF_RANGE, "clocks.acceptance_seconds.P1"),
        ("P1: 60,", "P1: 0.001,", FindingKind.OUT_OF_RANGE, "clocks.acceptance_seconds.P1"),
        ("P1: 60,", "P1: 0,", FindingKind.OUT_OF_RANGE, "clocks.acceptance_seconds.P1"),
        (
            "classification_seconds: 120",
            "classification_seconds: 1e-9",
            FindingKind.OUT_OF_RANGE,
            "clocks.classification_seconds",
        ),
        (
            "profile: nena_2020",
            "profile: own\nown_thresholds: [{ within_seconds: 0.5, share: 0.9 }]",
            FindingKind.OUT_OF_RANGE,
            "own_thresholds[0].within_seconds",
        ),
        ("P1: 60, ", "", FindingKind.MISSING, "clocks.acceptance_seconds.P1"),
        ("time_zone: Asia/Makassar", "time_zone: Asia", FindingKind.UNKNOWN_TIME_ZONE, "time_zone"),
        (
            "time_zone: Asia/Makassar",
            "time_zone: ../../etc/passwd",
            FindingKind.UNKNOWN_TIME_ZONE,
            "time_zone",
        ),
        ("id: laporan", "id: pbx-ttu", FindingKind.REPEATED, "trunks[1].id"),
        ("channel: webhook", "channel: fax", FindingKind.NOT_A_CHOICE, "agencies[0].contacts[0].channel"),
        ("id: damkar", "id: supervisor", FindingKind.RESERVED, "agencies[0].id"),
        ("[bpbd, satpol_pp]", "[damkar]", FindingKind.OWN_SUBSTITUTE, "agencies[0].substitutes"),
        ("name: Kabupaten Timor Tengah Utara", "name: ''", FindingKind.EMPTY, "name"),
        ("name: Kabupaten Timor Tengah Utara", f"name: {'a' * 121}", FindingKind.TOO_LONG, "name"),
        ("    name: Pemadam Kebakaran TTU\n", "", FindingKind.MISSING, "agencies[0].name"),
        (
            "priority: P1",
            "priority: P1\n    prioritas: P1",
            FindingKind.LIKELY_KEY,
            "incident_types[0].prioritas",
        ),
        ("lane: non_emergency", "xyzzy: 1", FindingKind.UNKNOWN_KEY, "incident_types[29].xyzzy"),
    ],
)
def test_a_wrong_value_is_found_where_it_is(old: str, new: str, kind: FindingKind, field: str) -> None:
    assert (kind, field) in [(one.kind, one.field) for one in changed(old, new)]


def patterns_in(schema: object) -> set[str]:
    """Return every pattern that a JSON Schema asks for, however deep."""
    if isinstance(schema, list):
        return set().union(*map(patterns_in, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
    return own.union(*map(patterns_in, schema.values()))


def test_every_form_that_the_types_ask_for_is_told_in_words_and_no_other() -> None:
    assert patterns_in(tenant_json_schema()) == set(FORMS)


@pytest.mark.parametrize(
    ("old", "new", "form"),
    [
        ('code: "53.03"', 'code: "5303"', TENANT_CODE),
        ('code: "53.03"', 'code: "٥٣.٠٣"', TENANT_CODE),
        ("id: pbx-ttu", "id: 1-pbx", KEY),
        ("abbreviation: TTU", "abbreviation: ttu", ABBREVIATION),
    ],
)
def test_what_is_out_of_its_form_is_told_the_form(old: str, new: str, form: Form) -> None:
    (wrong,) = (one for one in changed(old, new) if one.kind is FindingKind.WRONG_FORM)
    assert form.indonesian in wrong.advice()
    assert form.english in wrong.advice("en")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://posko.invalid/",
        "posko.invalid",
        "https://",
        "http://a:b@c/",
        "http://a b/",
        "http://a:0/",
        "http://[::1",
    ],
)
def test_a_web_address_that_cannot_be_called_is_refused(url: str) -> None:
    found = changed("${SIAGA_DEMO_WEBHOOKS}/53.03/damkar/posko", url)
    assert [(one.kind, one.field) for one in found] == [(FindingKind.BAD_URL, "agencies[0].contacts[0].url")]


@pytest.mark.parametrize("email", ["posko", "posko@", "@demo.invalid", "a@b@c", "a b@c", "a@b\\nBcc: c@d"])
def test_an_email_address_that_cannot_be_written_to_is_refused(email: str) -> None:
    found = changed("posko.damkar.53.03@${SIAGA_DEMO_MAIL_DOMAIN}", email)
    assert [one.kind for one in found] == [FindingKind.BAD_EMAIL]


def test_a_contact_without_the_address_of_its_channel_is_refused() -> None:
    line = '        url: "${SIAGA_DEMO_WEBHOOKS}/53.03/damkar/posko"\n'
    assert [one.kind for one in changed(line, "")] == [FindingKind.NO_ADDRESS]


def test_a_missing_variable_is_named_and_is_the_only_complaint_about_its_field() -> None:
    found = read_tenant_file(TENANTS / "53.03.yaml", {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:9"})
    assert isinstance(found, list)
    assert {one.kind for one in found} == {FindingKind.MISSING_VARIABLE}
    assert all("SIAGA_DEMO_MAIL_DOMAIN" in one.sentence() for one in found)
    assert len({one.field for one in found}) == len(found)


def test_a_file_cannot_read_other_variables_of_the_machine() -> None:
    assert (
        changed("name: Kabupaten Timor Tengah Utara", "name: ${HOME}")[0].kind is FindingKind.FOREIGN_VARIABLE
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", FindingKind.NOT_A_MAPPING),
        (b"- a", FindingKind.NOT_A_MAPPING),
        (b"[1", FindingKind.NOT_YAML),
        (b"a: b: c", FindingKind.NOT_YAML),
        (b"\x00", FindingKind.NOT_YAML),
        (b"\xff\xfe", FindingKind.NOT_TEXT),
        (b"a: &x [1]\nb: *x", FindingKind.ALIAS),
        (b"a: *x", FindingKind.ALIAS),
        (b"a: !!python/object/apply:os.system [x]", FindingKind.TAG),
        (b"? [a]\n: 1", FindingKind.KEY_NOT_TEXT),
        (b"a: " + b"[" * 50_000, FindingKind.TOO_DEEP),
        (b"#" * (256 * 1024 + 1), FindingKind.TOO_LARGE),
    ],
)
def test_what_is_no_plain_yaml_is_one_finding(content: bytes, kind: FindingKind) -> None:
    assert [one.kind for one in findings(content)] == [kind]


def test_a_second_document_in_the_file_is_refused() -> None:
    assert FindingKind.NOT_YAML in [one.kind for one in findings(TTU + "\n---\nname: lain\n")]


def test_a_key_written_twice_is_refused_and_both_lines_are_named() -> None:
    found = findings(TTU.replace("time_zone:", "name: Lain\ntime_zone:", 1))
    assert [(one.kind, one.line) for one in found] == [(FindingKind.DUPLICATE_KEY, 13)]
    assert "11" in found[0].sentence()


def test_words_that_other_yaml_readers_turn_into_truth_stay_words() -> None:
    configuration = read_tenant_text(TTU.replace("name: Posko siaga", "name: no", 1).encode(), ENVIRONMENT)
    assert isinstance(configuration, TenantConfiguration)
    assert configuration.agencies[0].contacts[0].name == "no"


def test_the_file_is_named_after_its_code(tmp_path: Path) -> None:
    path = tmp_path / "53.99.yaml"
    path.write_text(TTU, encoding="utf-8")
    found = read_tenant_file(path, ENVIRONMENT)
    assert isinstance(found, list)
    assert [(one.kind, one.file, one.line) for one in found] == [
        (FindingKind.OTHER_FILE_NAME, "53.99.yaml", 10)
    ]


def test_a_file_that_is_not_there_is_a_finding_too(tmp_path: Path) -> None:
    found = read_tenant_file(tmp_path / "53.03.yaml", ENVIRONMENT)
    assert isinstance(found, list)
    assert [one.kind for one in found] == [FindingKind.UNREADABLE]


@pytest.mark.parametrize("value", [None, [], "text", 3, {"code": float("nan")}])
def test_json_that_is_no_configuration_is_refused_with_findings(value: object) -> None:
    assert isinstance(check_configuration(value), list)


def test_json_with_numbers_as_text_is_not_guessed_at() -> None:
    plain = read("53.03").model_dump(mode="json")
    plain["clocks"]["acceptance_seconds"]["P1"] = "60"
    found = check_configuration(plain)
    assert isinstance(found, list)
    assert [one.field for one in found] == ["clocks.acceptance_seconds.P1"]


def _with_agencies(names: list[str], substitutes: list[str]) -> dict[str, object]:
    plain = read("53.03").model_dump(mode="json")
    agency = plain["agencies"][0]
    plain["agencies"] = [{**agency, "id": name, "substitutes": []} for name in names]
    plain["agencies"][0]["substitutes"] = substitutes
    return plain


@pytest.mark.parametrize("length", [8, 2_000])
def test_very_many_wrong_words_are_told_in_a_time_that_grows_no_faster_than_they(length: int) -> None:
    """A door checks up to 256 KiB on the event loop: guessing what each word meant would stop the service."""
    names = [f"a{number}" for number in range(700)]
    wrong = [f"b{number}".ljust(length, "b") for number in range(128_000 // length)]
    began = time.thread_time()
    found = check_configuration(_with_agencies(names, wrong))
    assert time.thread_time() - began < 4
    assert isinstance(found, list)
    unknown = [one for one in found if one.kind is FindingKind.UNKNOWN_AGENCY]
    assert len(unknown) >= len(wrong)
    assert max(len(one.sentence()) for one in unknown) < 1_000


def test_two_regencies_cannot_own_the_same_queue_or_abbreviation() -> None:
    kupang = read("53.71")
    thief = kupang.model_copy(update={"trunks": read("53.03").trunks, "abbreviation": "TTU"})
    found = check_together([read("53.03"), thief])
    assert [(one.kind, one.field) for one in found] == [
        (FindingKind.TAKEN, "abbreviation"),
        (FindingKind.TAKEN, "trunks[0].queues[0]"),
    ]


def test_one_regency_cannot_give_a_queue_to_two_trunks() -> None:
    found = changed("    exchange: laporan", "    exchange: pbx-ntt\n    queues: [ttu112]")
    assert [(one.kind, one.field) for one in found] == [(FindingKind.REPEATED, "trunks[1].queues[0]")]


def test_every_finding_has_words_in_both_languages() -> None:
    for kind in FindingKind:
        finding = Finding(kind, "field", 1, "file.yaml")
        assert finding.sentence("id") != finding.sentence("en")
        assert finding.advice("id")


def test_a_difference_is_named_by_agency_and_contact_not_by_position() -> None:
    old = read("53.03")
    text = TTU.replace("P1: 60,", "P1: 45,").replace("name: Posko siaga", "name: Posko utama", 1)
    new = read_tenant_text(text.encode(), ENVIRONMENT)
    assert isinstance(new, TenantConfiguration)
    assert [one.sentence() for one in diff(old, new)] == [
        'agencies[damkar].contacts[posko].name: "Posko siaga" → "Posko utama"',
        "clocks.acceptance_seconds.P1: 60.0 → 45.0",
    ]
    assert diff(old, old) == []
