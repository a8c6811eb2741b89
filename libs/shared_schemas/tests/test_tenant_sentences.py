"""What a person is told about each mistake in a tenant's file, word for word, in both languages."""

from pathlib import Path

import pytest

from shared_schemas.tenant_files import read_tenant_text
from shared_schemas.tenant_findings import Finding, FindingKind
from shared_schemas.tenant_rules import near, shown

TTU = (Path(__file__).parents[3] / "tenants" / "53.03.yaml").read_text(encoding="utf-8")
ENVIRONMENT = {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:9", "SIAGA_DEMO_MAIL_DOMAIN": "demo.invalid"}
MOST = 2
"""So many of one mistake's findings are looked at."""

TOLD: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    (
        "abbreviation: TTU",
        "abbreviation: ttu",
        [
            (
                "abbreviation",
                "Nilai ttu tidak sesuai bentuknya. Bentuknya: 2 sampai 6 huruf besar A-Z.",
                "The value ttu is out of its form. The form is: 2 to 6 capital letters A-Z.",
            )
        ],
    ),
    (
        "profile: nena_2020",
        "profile: nena",
        [
            (
                "profile",
                "Nilai nena tidak ada dalam pilihan. Pilih salah satu: nena_2020, nfpa_1225_2022, own.",
                "The value nena is not among the choices. Choose one of: nena_2020, nfpa_1225_2022, own.",
            )
        ],
    ),
    (
        "profile: nena_2020",
        "profile: own",
        [
            (
                "profile",
                "Profil `own` perlu own_thresholds. Isi own_thresholds, atau pilih profil lain.",
                "The profile `own` needs own_thresholds. Give own_thresholds, or choose another profile.",
            )
        ],
    ),
    (
        "schema_version: 1",
        "schema_version: 2",
        [
            (
                "schema_version",
                "Nilai 2 tidak ada dalam pilihan. Pilih salah satu: 1.",
                "The value 2 is not among the choices. Choose one of: 1.",
            )
        ],
    ),
    (
        "P1: 60,",
        "P1: sixty,",
        [
            (
                "clocks.acceptance_seconds.P1",
                "Nilai sixty salah jenis. Di sini harus ada angka.",
                "The value sixty is of the wrong kind. Here must be a number.",
            )
        ],
    ),
    (
        "P1: 60,",
        "P1: true,",
        [
            (
                "clocks.acceptance_seconds.P1",
                "Nilai true salah jenis. Di sini harus ada angka.",
                "The value true is of the wrong kind. Here must be a number.",
            )
        ],
    ),
    (
        "P1: 60,",
        "P1: 999999,",
        [
            (
                "clocks.acceptance_seconds.P1",
                "Nilai 999999 di luar batas. Harus ≤ 604800.",
                "The value 999999 is out of range. It must be ≤ 604800.",
            )
        ],
    ),
    (
        "P1: 60,",
        "P1: 0.001,",
        [
            (
                "clocks.acceptance_seconds.P1",
                "Nilai 0.001 di luar batas. Harus ≥ 1.",
                "The value 0.001 is out of range. It must be ≥ 1.",
            )
        ],
    ),
    (
        "P1: 60,",
        "P1: 0,",
        [
            (
                "clocks.acceptance_seconds.P1",
                "Nilai 0 di luar batas. Harus > 0.",
                "The value 0 is out of range. It must be > 0.",
            )
        ],
    ),
    (
        "P1: 60,",
        "P1: ,",
        [
            (
                "clocks.acceptance_seconds.P1",
                "Nilai null salah jenis. Di sini harus ada angka.",
                "The value null is of the wrong kind. Here must be a number.",
            )
        ],
    ),
    (
        "classification_seconds: 120",
        "classification_seconds: 0.5",
        [
            (
                "clocks.classification_seconds",
                "Nilai 0.5 di luar batas. Harus ≥ 1.",
                "The value 0.5 is out of range. It must be ≥ 1.",
            )
        ],
    ),
    (
        "profile: nena_2020",
        "profile: own\nown_thresholds: [{ within_seconds: 0.5, share: 0.9 }, { within_seconds: 9, share: 2 }]",
        [
            (
                "own_thresholds[0].within_seconds",
                "Nilai 0.5 di luar batas. Harus ≥ 1.",
                "The value 0.5 is out of range. It must be ≥ 1.",
            ),
            (
                "own_thresholds[1].share",
                "Nilai 2 di luar batas. Harus ≤ 1.",
                "The value 2 is out of range. It must be ≤ 1.",
            ),
        ],
    ),
    (
        "P1: 60, ",
        "",
        [
            (
                "clocks.acceptance_seconds.P1",
                "Isian wajib ini tidak ada. Tambahkan.",
                "This required field is missing. Add it.",
            )
        ],
    ),
    (
        "time_zone: Asia/Makassar",
        "time_zone: Asia",
        [
            (
                "time_zone",
                "Zona waktu Asia tidak dikenal. Pilih Asia/Jakarta, Asia/Makassar atau Asia/Jayapura.",
                "The time zone Asia is unknown. Choose Asia/Jakarta, Asia/Makassar or Asia/Jayapura.",
            )
        ],
    ),
    (
        "id: laporan",
        "id: pbx-ttu",
        [
            (
                "trunks[1].id",
                "pbx-ttu ada dua kali. Tiap nama dipakai sekali saja; ganti atau hapus salah satunya.",
                "pbx-ttu is there twice. Each name is used once; change or remove one.",
            )
        ],
    ),
    (
        "    exchange: laporan",
        "    exchange: pbx-ntt\n    queues: [lain, ttu112]",
        [
            (
                "trunks[1].queues[1]",
                "ttu112 ada dua kali. Tiap nama dipakai sekali saja; ganti atau hapus salah satunya.",
                "ttu112 is there twice. Each name is used once; change or remove one.",
            )
        ],
    ),
    (
        "channel: webhook",
        "channel: fax",
        [
            (
                "agencies[0].contacts[0].channel",
                "Nilai fax tidak ada dalam pilihan. Pilih salah satu: webhook, email.",
                "The value fax is not among the choices. Choose one of: webhook, email.",
            )
        ],
    ),
    (
        "id: damkar",
        "id: supervisor",
        [
            (
                "agencies[0].id",
                "`supervisor` adalah nama untuk pengawas, bukan instansi. Pilih nama lain untuk instansi ini.",
                "`supervisor` is the name of the supervisors, not of an agency. Choose another name for this agency.",
            ),
            (
                "agencies[1].substitutes[0]",
                "Instansi damkar tidak ada. Tambahkan di agencies, atau pilih: pdam.",
                "There is no agency damkar. Add it to agencies, or choose one of: pdam.",
            ),
        ],
    ),
    (
        "[bpbd, satpol_pp]",
        "[damkar]",
        [
            (
                "agencies[0].substitutes",
                "Instansi damkar tidak dapat menggantikan dirinya sendiri. Hapus dari substitutes.",
                "The agency damkar cannot stand in for itself. Remove it from substitutes.",
            )
        ],
    ),
    (
        "[bpbd, satpol_pp]",
        "[bpbdd, xyz]",
        [
            (
                "agencies[0].substitutes[0]",
                "Instansi bpbdd tidak ada. Tambahkan di agencies, atau pilih: bpbd.",
                "There is no agency bpbdd. Add it to agencies, or choose one of: bpbd.",
            ),
            (
                "agencies[0].substitutes[1]",
                "Instansi xyz tidak ada. Tambahkan di agencies, atau pilih: damkar, bpbd, dinkes, satpol_pp, dishub, dlh, dinsos, pupr, polres, pln, pdam, pmi.",
                "There is no agency xyz. Add it to agencies, or choose one of: damkar, bpbd, dinkes, satpol_pp, dishub, dlh, dinsos, pupr, polres, pln, pdam, pmi.",
            ),
        ],
    ),
    (
        "[bpbd, satpol_pp]",
        "[7]",
        [
            (
                "agencies[0].substitutes[0]",
                'Nilai 7 terbaca sebagai angka atau ya/tidak, bukan teks. Beri tanda petik: "7".',
                'The value 7 reads as a number or true/false, not as text. Put it in quotation marks: "7".',
            )
        ],
    ),
    (
        "[bpbd, satpol_pp]",
        "bpbd",
        [
            (
                "agencies[0].substitutes",
                "Nilai bpbd salah jenis. Di sini harus ada daftar.",
                "The value bpbd is of the wrong kind. Here must be a list.",
            )
        ],
    ),
    (
        "[damkar, pln, polres]",
        "[damkar, plm, polres]",
        [
            (
                "incident_types[0].agencies[1]",
                "Instansi plm tidak ada. Tambahkan di agencies, atau pilih: pmi.",
                "There is no agency plm. Add it to agencies, or choose one of: pmi.",
            )
        ],
    ),
    (
        "common: flood",
        "common: floods",
        [
            (
                "incident_types[16].common",
                "floods tidak ada dalam daftar bersama jenis kejadian. Yang mirip: flood; selain itu `other`.",
                "floods is not in the common list of incident types. Near to it: flood; or else `other`.",
            )
        ],
    ),
    (
        "common: flood",
        "common: qqqqqqqq",
        [
            (
                "incident_types[16].common",
                "qqqqqqqq tidak ada dalam daftar bersama jenis kejadian. Yang mirip: ?; selain itu `other`.",
                "qqqqqqqq is not in the common list of incident types. Near to it: ?; or else `other`.",
            )
        ],
    ),
    (
        "name: Kabupaten Timor Tengah Utara",
        "name: ''",
        [("name", "Isian ini kosong. Isi sedikitnya satu.", "This is empty. Give at least one.")],
    ),
    (
        "name: Kabupaten Timor Tengah Utara",
        "name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        [
            (
                "name",
                "Isian ini terlalu panjang. Paling banyak 120 huruf.",
                "This is too long. At most 120 characters.",
            )
        ],
    ),
    (
        "name: Kabupaten Timor Tengah Utara",
        "name: 7",
        [
            (
                "name",
                'Nilai 7 terbaca sebagai angka atau ya/tidak, bukan teks. Beri tanda petik: "7".',
                'The value 7 reads as a number or true/false, not as text. Put it in quotation marks: "7".',
            )
        ],
    ),
    (
        "    name: Pemadam Kebakaran TTU\n",
        "",
        [
            (
                "agencies[0].name",
                "Isian wajib ini tidak ada. Tambahkan.",
                "This required field is missing. Add it.",
            )
        ],
    ),
    (
        "priority: P1",
        "priority: P1\n    prioritas: P1",
        [
            (
                "incident_types[0].prioritas",
                "Kunci `prioritas` tidak dikenal. Maksud Anda `priority`?",
                "The key `prioritas` is unknown. Did you mean `priority`?",
            )
        ],
    ),
    (
        "lane: non_emergency",
        "xyzzy: 1",
        [
            (
                "incident_types[29].xyzzy",
                "Kunci `xyzzy` tidak dikenal. Hapus; yang dikenal di sini: code, name, common, priority, lane, agencies.",
                "The key `xyzzy` is unknown. Remove it; known here are: code, name, common, priority, lane, agencies.",
            )
        ],
    ),
    (
        "${SIAGA_DEMO_WEBHOOKS}/53.03/damkar/posko",
        "ftp://posko.invalid/",
        [
            (
                "agencies[0].contacts[0].url",
                "Alamat web ftp://posko.invalid/ tidak dapat dipakai. Tulis lengkap, diawali https:// (atau http://), tanpa sandi.",
                "The web address ftp://posko.invalid/ cannot be used. Write it in full, with https:// (or http://), without a password.",
            )
        ],
    ),
    (
        "posko.damkar.53.03@${SIAGA_DEMO_MAIL_DOMAIN}",
        "posko",
        [
            (
                "agencies[0].contacts[0].email",
                "Alamat e-mail posko tidak dapat dipakai. Bentuknya nama@domain.",
                "The e-mail address posko cannot be used. The form is name@domain.",
            )
        ],
    ),
    (
        '        url: "${SIAGA_DEMO_WEBHOOKS}/53.03/damkar/posko"\n',
        "",
        [
            (
                "agencies[0].contacts[0]",
                "Kontak dengan channel webhook perlu url. Isi url, atau ganti channel.",
                "A contact with channel webhook needs url. Give url, or change the channel.",
            )
        ],
    ),
    (
        "name: Kabupaten Timor Tengah Utara",
        "name: ${HOME}",
        [
            (
                "name",
                "Variabel HOME tidak boleh dipakai dalam berkas. Hanya nama yang diawali SIAGA_ diterima.",
                "The variable HOME may not be used in a file. Only names that begin with SIAGA_ are taken.",
            )
        ],
    ),
    (
        "clocks:",
        "clock:",
        [
            ("clocks", "Isian wajib ini tidak ada. Tambahkan.", "This required field is missing. Add it."),
            (
                "clock",
                "Kunci `clock` tidak dikenal. Maksud Anda `clocks`?",
                "The key `clock` is unknown. Did you mean `clocks`?",
            ),
        ],
    ),
    (
        'channel: email\n      email: "kepala.53.03@${SIAGA_DEMO_MAIL_DOMAIN}"',
        "channel: email",
        [
            (
                "supervisor.contacts[1]",
                "Kontak dengan channel email perlu email. Isi email, atau ganti channel.",
                "A contact with channel email needs email. Give email, or change the channel.",
            )
        ],
    ),
    (
        "id: kepala",
        "id: pengawas",
        [
            (
                "supervisor.contacts[1].id",
                "pengawas ada dua kali. Tiap nama dipakai sekali saja; ganti atau hapus salah satunya.",
                "pengawas is there twice. Each name is used once; change or remove one.",
            )
        ],
    ),
    (
        'email: "kepala.53.03@${SIAGA_DEMO_MAIL_DOMAIN}"',
        "email: kepala",
        [
            (
                "supervisor.contacts[1].email",
                "Alamat e-mail kepala tidak dapat dipakai. Bentuknya nama@domain.",
                "The e-mail address kepala cannot be used. The form is name@domain.",
            )
        ],
    ),
    (
        "agencies:",
        "agencies: 7\nlain:",
        [
            (
                "agencies",
                "Nilai 7 salah jenis. Di sini harus ada daftar.",
                "The value 7 is of the wrong kind. Here must be a list.",
            ),
            (
                "lain",
                "Kunci `lain` tidak dikenal. Hapus; yang dikenal di sini: schema_version, code, name, abbreviation, time_zone, profile, own_thresholds, trunks, agencies, incident_types, clocks, supervisor.",
                "The key `lain` is unknown. Remove it; known here are: schema_version, code, name, abbreviation, time_zone, profile, own_thresholds, trunks, agencies, incident_types, clocks, supervisor.",
            ),
        ],
    ),
    (
        'code: "53.03"',
        "code: 53.10",
        [
            (
                "code",
                'Nilai 53.10 terbaca sebagai angka atau ya/tidak, bukan teks. Beri tanda petik: "53.10".',
                'The value 53.10 reads as a number or true/false, not as text. Put it in quotation marks: "53.10".',
            )
        ],
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), TOLD)
def test_each_mistake_is_told_in_the_same_words(old: str, new: str, told: list[tuple[str, str, str]]) -> None:
    assert old in TTU
    found = read_tenant_text(TTU.replace(old, new, 1).encode(), ENVIRONMENT)
    assert isinstance(found, list)
    assert [
        (one.field, f"{one.wrong()} {one.advice()}", f"{one.wrong('en')} {one.advice('en')}")
        for one in found[:MOST]
    ] == told


@pytest.mark.parametrize(
    ("file", "line", "field", "place"),
    [
        ("", None, "", ("", "")),
        ("a.yaml", 7, "name", ("a.yaml, baris 7, name: ", "a.yaml, line 7, name: ")),
        ("", None, "name", ("name: ", "name: ")),
    ],
)
def test_a_sentence_says_where_as_far_as_that_is_known(
    file: str, line: int | None, field: str, place: tuple[str, str]
) -> None:
    one = Finding(FindingKind.MISSING, field, line, file)
    indonesian, english = place
    assert one.sentence() == one.sentence("id") == f"{indonesian}Isian wajib ini tidak ada. Tambahkan."
    assert one.sentence("en") == f"{english}This required field is missing. Add it."
    assert one.place() == indonesian.removesuffix(": ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (1, "1"),
        (0, "0"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_a_value_is_quoted_as_its_file_has_it_and_no_longer_than_a_line(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_word_is_guessed_among_few_and_short_ones() -> None:
    others = [f"other{number}" for number in range(99)]
    assert near("floods", ["flood", *others]) == "flood"
    assert near("floods", ["flood", *others, "one too many"]) == ""
    assert near("x" * 59 + "y", ["x" * 60]) == "x" * 60
    assert near("x" * 60 + "y", ["x" * 60]) == ""
    assert near("x" * 60, ["x" * 61]) == ""
    assert near("quite different", ["flood"]) == ""
