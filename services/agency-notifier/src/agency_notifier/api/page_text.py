"""The pages behind reply links, in Indonesian and English; self-contained, without personal data."""

from dataclasses import dataclass
from html import escape
from http import HTTPStatus

from agency_notifier.application.reply_task import OpenedLink
from shared_schemas.vocabulary import ReplyKind, TaskStatus

LONGEST_LANGUAGE = 1_000
"""No browser asks for so many languages; what is longer says nothing of the reader."""


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language."""

    language: str
    title: str
    ticket: str
    kind: str
    priority: str
    agency: str
    reason: str
    reason_missing: str
    nothing_yet: str
    recorded: str
    already: str
    expired: str
    broken: str
    closed_title: str
    closed: dict[TaskStatus, str]
    noted: str
    replies: dict[ReplyKind, str]

    def type_name(self, names: tuple[str, str]) -> str:
        """Pick this language's name of an incident type."""
        return names[0] if self.language == "id" else names[1]


INDONESIAN = Words(
    language="id",
    title="Siaga 112 - jawaban instansi",
    ticket="Tiket",
    kind="Jenis",
    priority="Prioritas",
    agency="Instansi",
    reason="Alasan menolak",
    reason_missing="Tuliskan alasannya dulu, supaya petugas 112 tahu harus meminta siapa.",
    nothing_yet="Belum ada yang dikirim. Tekan tombol untuk mengirim jawaban.",
    recorded="Jawaban sudah dicatat. Terima kasih.",
    already="Jawaban ini sudah dicatat sebelumnya; tidak ada yang berubah.",
    expired="Tautan ini sudah tidak berlaku. Hubungi petugas 112.",
    broken="Tautan ini tidak dikenal. Salin tautan seutuhnya dari pesan.",
    closed_title="Tugas ini tidak terbuka lagi",
    closed={
        TaskStatus.CANCELLED: "Tugas ini sudah dibatalkan. Jangan berangkat; kalau sudah di jalan, hubungi "
        "petugas 112.",
        TaskStatus.DONE: "Tugas ini sudah selesai. Tidak ada lagi yang perlu dikerjakan.",
        TaskStatus.DECLINED: "Instansi Anda sudah menolak tugas ini, jadi 112 tidak menunggu Anda. Jangan "
        "berangkat; kalau tetap bisa membantu, hubungi petugas 112.",
        TaskStatus.UNANSWERED: "Waktu menjawab sudah habis dan 112 tidak lagi menunggu Anda. Jangan "
        "berangkat; kalau sudah di jalan, hubungi petugas 112.",
    },
    noted="Yang Anda kirim sudah dicatat, tetapi tidak membuka tugas ini kembali.",
    replies={
        ReplyKind.ACCEPTED: "Terima tugas",
        ReplyKind.DECLINED: "Tolak tugas",
        ReplyKind.EN_ROUTE: "Berangkat",
        ReplyKind.ON_SCENE: "Tiba di lokasi",
        ReplyKind.DONE: "Selesai",
    },
)
ENGLISH = Words(
    language="en",
    title="Siaga 112 - agency's reply",
    ticket="Ticket",
    kind="Type",
    priority="Priority",
    agency="Agency",
    reason="Reason for declining",
    reason_missing="Write the reason first, so that 112 knows whom to ask instead.",
    nothing_yet="Nothing has been sent yet. Press the button to send the reply.",
    recorded="The reply is recorded. Thank you.",
    already="This reply had been recorded before; nothing has changed.",
    expired="This link is no longer valid. Call 112's desk.",
    broken="This link is not known. Copy the whole link from the message.",
    closed_title="This task is no longer open",
    closed={
        TaskStatus.CANCELLED: "This task was called off. Do not set out; if you are on the way, call 112's "
        "desk.",
        TaskStatus.DONE: "This task is already finished. Nothing more is to be done.",
        TaskStatus.DECLINED: "Your agency declined this task, so 112 does not expect you. Do not set out; "
        "if you can help after all, call 112's desk.",
        TaskStatus.UNANSWERED: "The time to answer is over and 112 does not expect you any more. Do not "
        "set out; if you are on the way, call 112's desk.",
    },
    noted="What you sent is noted, but it does not open this task again.",
    replies={
        ReplyKind.ACCEPTED: "Accept the task",
        ReplyKind.DECLINED: "Decline the task",
        ReplyKind.EN_ROUTE: "On the way",
        ReplyKind.ON_SCENE: "On scene",
        ReplyKind.DONE: "Done",
    },
)

_STYLE = (
    "body{font:18px/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem}"
    "dt{color:#555}dd{margin:0 0 .5rem;font-weight:600}"
    "button{font:inherit;font-weight:700;width:100%;padding:1rem;border:0;border-radius:.5rem;"
    "background:#b00020;color:#fff}"
    "input{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;margin:.3rem 0 1rem}"
    ".hint{color:#b00020;font-weight:600}"
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page and the status it goes out with."""

    html: str
    status: HTTPStatus = HTTPStatus.OK


def preferred(accept_language: str) -> Words:
    """Return the language asked for most; Indonesian where neither is asked for."""
    weights = {"id": 0.0, "en": 0.0}
    if len(accept_language) > LONGEST_LANGUAGE:
        return INDONESIAN
    for entry in accept_language.split(","):
        name, _, parameters = entry.strip().partition(";")
        primary = name.split("-")[0].lower()
        if primary in weights:
            weights[primary] = max(weights[primary], _quality(parameters))
    return ENGLISH if weights["en"] > weights["id"] else INDONESIAN


def confirmation(link: OpenedLink, words: Words, *, hint: str = "") -> Page:
    """Return the page with the button."""
    field = ""
    if link.reply is ReplyKind.DECLINED:
        field = (
            f'<label for="reason">{escape(words.reason)}</label>'
            '<input id="reason" name="reason" maxlength="200" required autocomplete="off">'
        )
    warning = f'<p class="hint" role="alert">{escape(hint)}</p>' if hint else ""
    form = f'<form method="post">{field}<button>{escape(words.replies[link.reply])}</button></form>'
    said = escape(words.nothing_yet)
    return Page(_document(words, f"{_about(link, words)}<p>{said}</p>{warning}{form}"))


def closing(link: OpenedLink, words: Words, *, noted: bool = False) -> Page | None:
    """Return the page that says how the task ended, without a button; None while it is the agency's."""
    if link.closed is None:
        return None
    more = f"<p>{escape(words.noted)}</p>" if noted else ""
    facts = _about(link, words, title=words.closed_title)
    return Page(_document(words, f"{facts}<p><strong>{escape(words.closed[link.closed])}</strong></p>{more}"))


def notice(
    sentence: str, words: Words, *, about: OpenedLink | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Page:
    """Return a page that only says something."""
    facts = _about(about, words) if about else ""
    return Page(_document(words, f"{facts}<p><strong>{escape(sentence)}</strong></p>"), status)


def _quality(parameters: str) -> float:
    text = parameters.strip().removeprefix("q=")
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def _about(link: OpenedLink, words: Words, *, title: str = "") -> str:
    facts = {
        words.ticket: link.brief.number,
        words.kind: words.type_name(link.type_name),
        words.priority: link.brief.priority,
        words.agency: link.agency_name,
    }
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    return f"<h1>{escape(title or words.replies[link.reply])}</h1><dl>{lines}</dl>"


def _document(words: Words, body: str) -> str:
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(words.title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
