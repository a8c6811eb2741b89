"""What a mail says: Indonesian first, English below, the reply links once for both."""

from datetime import datetime

from agency_notifier.application.notice import Notice
from shared_schemas.vocabulary import ReplyKind

LABELS: dict[ReplyKind, str] = {
    ReplyKind.ACCEPTED: "Terima / Accept",
    ReplyKind.DECLINED: "Tolak / Decline",
    ReplyKind.EN_ROUTE: "Berangkat / On the way",
    ReplyKind.ON_SCENE: "Tiba di lokasi / On scene",
    ReplyKind.DONE: "Selesai / Done",
}
NOTHING = "-"


def subject_of(notice: Notice) -> str:
    """Return the subject: no personal data, on one line."""
    asked = "PENGAWAS " if notice.calls_supervisor else ""
    text = f"[112 {notice.abbreviation}] {asked}{notice.priority} {notice.type_name} - {notice.number}"
    return " ".join(text.split())


def text_of(notice: Notice) -> str:
    """Return the mail's plain text."""
    parts = [_indonesian(notice), _english(notice)]
    if notice.reply_links:
        parts.insert(1, _links(notice))
    return "\n\n".join(parts) + "\n"


def _indonesian(notice: Notice) -> str:
    head = "PERMINTAAN BANTUAN"
    if notice.calls_supervisor:
        head = "PENGAWAS DIPANGGIL: bantuan belum ada atau terlambat. Putuskan di meja kendali."
    return "\n".join(
        [
            f"SIAGA 112 {notice.regency_name}",
            f"Untuk: {notice.agency_name} ({notice.contact_name})",
            "",
            head,
            f"Nomor tiket   : {notice.number}",
            f"Jenis         : {notice.type_name}",
            f"Prioritas     : {notice.priority}",
            f"Kecamatan     : {notice.district or NOTHING}",
            f"Tempat        : {notice.place or NOTHING}",
            f"Titik         : {_point(notice)}",
            f"Cerita        : {notice.story or NOTHING}",
            f"Nomor pelapor : {notice.caller_number or NOTHING}",
            f"Jawab sebelum : {_local(notice.respond_by, notice)}",
            *_gaps("Belum terisi  : ", notice),
        ]
    )


def _english(notice: Notice) -> str:
    head = "HELP IS ASKED FOR"
    if notice.calls_supervisor:
        head = "SUPERVISOR CALLED: help is missing or late. Decide at the desk."
    return "\n".join(
        [
            "-- English --",
            head,
            f"Ticket        : {notice.number}",
            f"Type          : {notice.type_name_en}",
            f"Priority      : {notice.priority}",
            f"District      : {notice.district or NOTHING}",
            f"Place         : {notice.place or NOTHING}",
            f"Point         : {_point(notice)}",
            f"Story         : {notice.story or NOTHING}",
            f"Caller        : {notice.caller_number or NOTHING}",
            f"Answer before : {_local(notice.respond_by, notice)}",
            *_gaps("Not taken by  : ", notice),
        ]
    )


def _links(notice: Notice) -> str:
    lines = ["Jawab dengan membuka tautan lalu menekan tombolnya / Answer by a link and its button:"]
    lines += [f"{LABELS[kind]}:\n  {link}" for kind, link in notice.reply_links.items()]
    return "\n".join(lines)


def _point(notice: Notice) -> str:
    if notice.latitude is None or notice.longitude is None:
        return NOTHING
    return f"geo:{notice.latitude},{notice.longitude}"


def _gaps(label: str, notice: Notice) -> list[str]:
    return [label + ", ".join(notice.open_gaps)] if notice.open_gaps else []


def _local(moment: datetime, notice: Notice) -> str:
    return moment.astimezone(notice.zone).strftime("%d-%m-%Y %H:%M:%S %Z")
