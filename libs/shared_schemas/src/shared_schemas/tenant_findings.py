"""What is wrong with a tenant's configuration, in sentences that say what, where and what to do.

Plain standard library, so that `domain` and `application` rooms may carry findings about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum


class FindingKind(StrEnum):
    """Every way in which a tenant's configuration can be wrong."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    NOT_TEXT = "not_text"
    NOT_YAML = "not_yaml"
    NOT_A_MAPPING = "not_a_mapping"
    ALIAS = "alias"
    TAG = "tag"
    DUPLICATE_KEY = "duplicate_key"
    KEY_NOT_TEXT = "key_not_text"
    UNKNOWN_KEY = "unknown_key"
    LIKELY_KEY = "likely_key"
    MISSING = "missing"
    NEEDS_QUOTES = "needs_quotes"
    WRONG_KIND = "wrong_kind"
    WRONG_FORM = "wrong_form"
    NOT_A_CHOICE = "not_a_choice"
    OUT_OF_RANGE = "out_of_range"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    MISSING_VARIABLE = "missing_variable"
    FOREIGN_VARIABLE = "foreign_variable"
    OTHER_FILE_NAME = "other_file_name"
    UNKNOWN_AGENCY = "unknown_agency"
    OWN_SUBSTITUTE = "own_substitute"
    RESERVED = "reserved"
    REPEATED = "repeated"
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    NOT_COMMON = "not_common"
    NO_ADDRESS = "no_address"
    BAD_URL = "bad_url"
    BAD_EMAIL = "bad_email"
    NO_THRESHOLDS = "no_thresholds"
    TAKEN = "taken"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where.

    Attributes:
        kind: what is wrong.
        field: the path inside the configuration, such as `agencies[damkar].contacts[0].url`.
        line: the line of the file, from 1, where there is a file.
        file: the file's name, where there is one.
        values: what the sentence names, such as the key that was probably meant.
    """

    kind: FindingKind
    field: str = ""
    line: int | None = None
    file: str = ""
    values: Mapping[str, str] = attribute(default_factory=dict)

    def place(self, language: str = "id") -> str:
        """Say where: file, line and field, as far as they are known."""
        line = "" if self.line is None else f"{'line' if language == 'en' else 'baris'} {self.line}"
        return ", ".join(part for part in (self.file, line, self.field) if part)

    def wrong(self, language: str = "id") -> str:
        """Say what is wrong, in Indonesian or (`en`) English."""
        return _fill(_WORDING[self.kind][language == "en"][0], self.values)

    def advice(self, language: str = "id") -> str:
        """Say what to do about it."""
        return _fill(_WORDING[self.kind][language == "en"][1], self.values)

    def sentence(self, language: str = "id") -> str:
        """Say where, what is wrong and what to do, as one line for a person."""
        place = self.place(language)
        return f"{place + ': ' if place else ''}{self.wrong(language)} {self.advice(language)}"


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


_Said = tuple[str, str]
_WORDING: Mapping[FindingKind, tuple[_Said, _Said]] = {
    FindingKind.UNREADABLE: (
        ("Berkas tidak dapat dibaca ({reason}).", "Periksa nama berkas dan izinnya."),
        ("The file cannot be read ({reason}).", "Check its name and its permissions."),
    ),
    FindingKind.TOO_LARGE: (
        ("Konfigurasi terlalu besar: {size} bita.", "Batasnya {limit} bita; hapus yang tidak perlu."),
        (
            "The configuration is too large: {size} bytes.",
            "The limit is {limit} bytes; remove what is not needed.",
        ),
    ),
    FindingKind.TOO_DEEP: (
        ("Susunan terlalu dalam: lebih dari {limit} tingkat.", "Periksa lekukan (indentasi) baris ini."),
        ("Nested too deeply: more than {limit} levels.", "Check the indentation of this line."),
    ),
    FindingKind.NOT_TEXT: (
        ("Isinya bukan teks UTF-8.", "Simpan ulang berkas sebagai UTF-8."),
        ("This is not UTF-8 text.", "Save the file again as UTF-8."),
    ),
    FindingKind.NOT_YAML: (
        ("Bukan YAML yang sah: {reason}.", "Periksa lekukan, titik dua dan tanda petik di baris ini."),
        ("Not valid YAML: {reason}.", "Check indentation, colons and quotation marks on this line."),
    ),
    FindingKind.NOT_A_MAPPING: (
        ("Isinya bukan daftar `kunci: nilai`.", "Mulailah dari contoh di folder tenants."),
        ("This is not a list of `key: value`.", "Begin with an example of the folder tenants."),
    ),
    FindingKind.ALIAS: (
        ("Rujukan YAML (`&` dan `*`) tidak dipakai di sini.", "Tulis nilainya langsung."),
        ("YAML anchors and aliases (`&` and `*`) are not used here.", "Write the value out."),
    ),
    FindingKind.TAG: (
        ("Penanda YAML (`{tag}`) tidak dipakai di sini.", "Hapus penandanya."),
        ("YAML tags (`{tag}`) are not used here.", "Remove the tag."),
    ),
    FindingKind.DUPLICATE_KEY: (
        ("Kunci `{key}` tertulis dua kali.", "Hapus salah satunya; yang pertama di baris {first}."),
        ("The key `{key}` is written twice.", "Remove one of them; the first is on line {first}."),
    ),
    FindingKind.KEY_NOT_TEXT: (
        ("Kunci di sini bukan teks.", "Tulis nama kunci sebagai teks."),
        ("A key here is not text.", "Write the key's name as text."),
    ),
    FindingKind.UNKNOWN_KEY: (
        ("Kunci `{key}` tidak dikenal.", "Hapus; yang dikenal di sini: {known}."),
        ("The key `{key}` is unknown.", "Remove it; known here are: {known}."),
    ),
    FindingKind.LIKELY_KEY: (
        ("Kunci `{key}` tidak dikenal.", "Maksud Anda `{likely}`?"),
        ("The key `{key}` is unknown.", "Did you mean `{likely}`?"),
    ),
    FindingKind.MISSING: (
        ("Isian wajib ini tidak ada.", "Tambahkan."),
        ("This required field is missing.", "Add it."),
    ),
    FindingKind.NEEDS_QUOTES: (
        ("Nilai {value} terbaca sebagai angka atau ya/tidak, bukan teks.", 'Beri tanda petik: "{value}".'),
        (
            "The value {value} reads as a number or true/false, not as text.",
            'Put it in quotation marks: "{value}".',
        ),
    ),
    FindingKind.WRONG_KIND: (
        ("Nilai {value} salah jenis.", "Di sini harus ada {needed_id}."),
        ("The value {value} is of the wrong kind.", "Here must be {needed_en}."),
    ),
    FindingKind.WRONG_FORM: (
        ("Nilai {value} tidak sesuai bentuknya.", "Bentuknya: {form_id}."),
        ("The value {value} is out of its form.", "The form is: {form_en}."),
    ),
    FindingKind.NOT_A_CHOICE: (
        ("Nilai {value} tidak ada dalam pilihan.", "Pilih salah satu: {choices}."),
        ("The value {value} is not among the choices.", "Choose one of: {choices}."),
    ),
    FindingKind.OUT_OF_RANGE: (
        ("Nilai {value} di luar batas.", "Harus {bound}."),
        ("The value {value} is out of range.", "It must be {bound}."),
    ),
    FindingKind.EMPTY: (
        ("Isian ini kosong.", "Isi sedikitnya satu."),
        ("This is empty.", "Give at least one."),
    ),
    FindingKind.TOO_LONG: (
        ("Isian ini terlalu panjang.", "Paling banyak {limit} huruf."),
        ("This is too long.", "At most {limit} characters."),
    ),
    FindingKind.MISSING_VARIABLE: (
        ("Variabel lingkungan {name} belum diisi.", "Isi {name} lalu ulangi."),
        ("The environment variable {name} is not set.", "Set {name} and try again."),
    ),
    FindingKind.FOREIGN_VARIABLE: (
        ("Variabel {name} tidak boleh dipakai dalam berkas.", "Hanya nama yang diawali SIAGA_ diterima."),
        ("The variable {name} may not be used in a file.", "Only names that begin with SIAGA_ are taken."),
    ),
    FindingKind.OTHER_FILE_NAME: (
        ("Kode {code} tidak sama dengan nama berkas.", "Namai berkasnya {code}.yaml, atau perbaiki kodenya."),
        ("The code {code} is not the file's name.", "Name the file {code}.yaml, or correct the code."),
    ),
    FindingKind.UNKNOWN_AGENCY: (
        ("Instansi {agency} tidak ada.", "Tambahkan di agencies, atau pilih: {known}."),
        ("There is no agency {agency}.", "Add it to agencies, or choose one of: {known}."),
    ),
    FindingKind.OWN_SUBSTITUTE: (
        ("Instansi {agency} tidak dapat menggantikan dirinya sendiri.", "Hapus dari substitutes."),
        ("The agency {agency} cannot stand in for itself.", "Remove it from substitutes."),
    ),
    FindingKind.RESERVED: (
        ("`{value}` adalah nama untuk pengawas, bukan instansi.", "Pilih nama lain untuk instansi ini."),
        (
            "`{value}` is the name of the supervisors, not of an agency.",
            "Choose another name for this agency.",
        ),
    ),
    FindingKind.REPEATED: (
        ("{value} ada dua kali.", "Tiap nama dipakai sekali saja; ganti atau hapus salah satunya."),
        ("{value} is there twice.", "Each name is used once; change or remove one."),
    ),
    FindingKind.UNKNOWN_TIME_ZONE: (
        ("Zona waktu {value} tidak dikenal.", "Pilih Asia/Jakarta, Asia/Makassar atau Asia/Jayapura."),
        ("The time zone {value} is unknown.", "Choose Asia/Jakarta, Asia/Makassar or Asia/Jayapura."),
    ),
    FindingKind.NOT_COMMON: (
        (
            "{value} tidak ada dalam daftar bersama jenis kejadian.",
            "Yang mirip: {likely}; selain itu `other`.",
        ),
        ("{value} is not in the common list of incident types.", "Near to it: {likely}; or else `other`."),
    ),
    FindingKind.NO_ADDRESS: (
        ("Kontak dengan channel {channel} perlu {needed}.", "Isi {needed}, atau ganti channel."),
        ("A contact with channel {channel} needs {needed}.", "Give {needed}, or change the channel."),
    ),
    FindingKind.BAD_URL: (
        (
            "Alamat web {value} tidak dapat dipakai.",
            "Tulis lengkap, diawali https:// (atau http://), tanpa sandi.",
        ),
        (
            "The web address {value} cannot be used.",
            "Write it in full, with https:// (or http://), without a password.",
        ),
    ),
    FindingKind.BAD_EMAIL: (
        ("Alamat e-mail {value} tidak dapat dipakai.", "Bentuknya nama@domain."),
        ("The e-mail address {value} cannot be used.", "The form is name@domain."),
    ),
    FindingKind.NO_THRESHOLDS: (
        ("Profil `own` perlu own_thresholds.", "Isi own_thresholds, atau pilih profil lain."),
        ("The profile `own` needs own_thresholds.", "Give own_thresholds, or choose another profile."),
    ),
    FindingKind.TAKEN: (
        ("{value} sudah dipakai kabupaten/kota {tenant}.", "Pilih yang lain."),
        ("{value} already belongs to the regency {tenant}.", "Choose another."),
    ),
    FindingKind.OTHER: (
        ("Nilai ini ditolak: {reason}.", "Perbaiki dan ulangi."),
        ("This value is refused: {reason}.", "Correct it and try again."),
    ),
}
