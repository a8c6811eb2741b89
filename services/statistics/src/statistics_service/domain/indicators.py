"""The indicator dictionary: every figure's name, formula, unit, clock and source, with a version."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indicator:
    """The definition of one figure; a changed formula is a new version.

    Attributes:
        key: the figure's name in code and JSON.
        indonesian: its name on Indonesian screens.
        english: its name on English screens.
        formula: how it is counted, in words that leave no choice.
        unit: calls, tickets, tasks, seconds or share.
        clock: whose clock the times are from, where times matter.
        source: the rule or habit behind it, where it has one.
        version: raised when the formula changes.
    """

    key: str
    indonesian: str
    english: str
    formula: str
    unit: str
    clock: str = ""
    source: str = ""
    version: int = 1


_EXCHANGE = "telephone exchange"
_RECAPS = "recaps published by Indonesian 112 centres"
_MONTH = "whose first ring lies in the tenant's local month"

_ALL = (
    Indicator(
        "calls_received", "Panggilan masuk", "Calls received", f"calls {_MONTH}", "calls", _EXCHANGE, _RECAPS
    ),
    Indicator(
        "calls_abandoned_in_menu",
        "Terputus di menu",
        "Abandoned in the menu",
        "received calls whose caller hung up before entering a queue",
        "calls",
        _EXCHANGE,
        _RECAPS,
    ),
    Indicator(
        "calls_abandoned_in_queue",
        "Terputus di antrean",
        "Abandoned in the queue",
        "received calls whose caller hung up while waiting in a queue",
        "calls",
        _EXCHANGE,
        _RECAPS,
    ),
    Indicator(
        "calls_unanswered",
        "Tidak terjawab",
        "Unanswered",
        "received calls that the centre ended before anybody answered (time-out, key, full queue, restart)",
        "calls",
        _EXCHANGE,
        _RECAPS,
    ),
    Indicator(
        "calls_answered",
        "Terjawab",
        "Answered",
        "received calls that a call taker answered",
        "calls",
        _EXCHANGE,
        _RECAPS,
    ),
    Indicator(
        "calls_under_way",
        "Masih berlangsung",
        "Still under way",
        "received calls without an outcome yet",
        "calls",
        _EXCHANGE,
    ),
    Indicator(
        "calls_delivered_to_agent",
        "Diteruskan ke petugas",
        "Delivered to call takers",
        "received calls that left the menu: answered + abandoned in the queue + unanswered",
        "calls",
        _EXCHANGE,
        _RECAPS,
    ),
    Indicator(
        "calls_by_class",
        "Panggilan menurut klasifikasi",
        "Calls by class",
        "answered calls with this class, as last given",
        "calls",
        "",
        _RECAPS,
    ),
    Indicator(
        "calls_not_classified",
        "Belum diklasifikasi",
        "Not yet classified",
        "answered calls to which nobody has given a class",
        "calls",
    ),
    Indicator(
        "calls_valid_over_10_s",
        "Percakapan lebih dari 10 detik",
        "Talk over 10 s",
        "answered calls with more than 10 s of talk",
        "calls",
        _EXCHANGE,
        "Kendari 2025; a figure, never a filter",
    ),
    Indicator(
        "calls_reclassified",
        "Klasifikasi diubah",
        "Reclassified",
        "answered calls whose class was changed at least once",
        "calls",
    ),
    Indicator(
        "answer_rate", "Tingkat jawab", "Answer rate", "answered / received", "share", _EXCHANGE, _RECAPS
    ),
    Indicator(
        "answer_rate_of_delivered",
        "Tingkat jawab dari yang diteruskan",
        "Answer rate of delivered",
        "answered / delivered to call takers",
        "share",
        _EXCHANGE,
        "TTU Siaga 112, 2025",
    ),
    Indicator(
        "prank_and_ghost_rate",
        "Porsi prank dan ghost",
        "Share of prank and ghost calls",
        "(prank + ghost) / answered",
        "share",
        "",
        _RECAPS,
    ),
    Indicator(
        "answer_seconds_p50",
        "Waktu jawab, median",
        "Answer time, median",
        "50th percentile (nearest rank) of the waiting seconds of answered calls",
        "seconds",
        _EXCHANGE,
    ),
    Indicator(
        "answer_seconds_p90",
        "Waktu jawab, persentil 90",
        "Answer time, 90th percentile",
        "90th percentile (nearest rank) of the waiting seconds of answered calls",
        "seconds",
        _EXCHANGE,
    ),
    Indicator(
        "answer_seconds_p95",
        "Waktu jawab, persentil 95",
        "Answer time, 95th percentile",
        "95th percentile (nearest rank) of the waiting seconds of answered calls",
        "seconds",
        _EXCHANGE,
    ),
    Indicator(
        "answer_sample_excluded",
        "Di luar sampel waktu jawab",
        "Excluded from answer times",
        "answered calls whose waiting time no witness told",
        "calls",
        _EXCHANGE,
    ),
    Indicator(
        "answered_within",
        "Terjawab dalam batas",
        "Answered within the threshold",
        "answered calls with waiting seconds up to the threshold / answered calls with a known waiting time",
        "share",
        _EXCHANGE,
        "the tenant's named profile",
    ),
    Indicator(
        "tickets_opened",
        "Tiket dibuka",
        "Tickets opened",
        "tickets opened in the tenant's local month",
        "tickets",
        "server",
        _RECAPS,
    ),
    Indicator(
        "tickets_by_status",
        "Tiket menurut status",
        "Tickets by state",
        "opened tickets that now stand there",
        "tickets",
    ),
    Indicator(
        "tickets_by_type",
        "Tiket menurut jenis kejadian",
        "Tickets by incident type",
        "opened tickets of the tenant's incident type, as last given",
        "tickets",
        "",
        _RECAPS,
    ),
    Indicator(
        "tickets_by_common_type",
        "Tiket menurut jenis umum",
        "Tickets by common type",
        "opened tickets by the common list's word for their type",
        "tickets",
    ),
    Indicator(
        "tickets_by_lane",
        "Tiket menurut jalur",
        "Tickets by lane",
        "opened tickets, emergencies and the rest counted apart",
        "tickets",
    ),
    Indicator(
        "tickets_by_disposition",
        "Tiket menurut hasil akhir",
        "Tickets by disposition",
        "closed tickets by how they ended",
        "tickets",
    ),
    Indicator(
        "tickets_reopened",
        "Tiket dibuka kembali",
        "Tickets re-opened",
        "opened tickets that were re-opened at least once",
        "tickets",
    ),
    Indicator(
        "tickets_not_followed_up",
        "Dijawab tetapi tidak ditindaklanjuti",
        "Never followed up",
        "opened tickets with agency tasks of which no agency ever accepted one",
        "tickets",
        "",
        "TTU's own review of October 2025",
    ),
    Indicator(
        "tickets_by_agency",
        "Tiket menurut instansi",
        "Tickets by agency",
        "opened tickets in which this agency was asked; a ticket counts at each of its agencies",
        "tickets",
        "",
        _RECAPS,
    ),
    Indicator(
        "tasks_total",
        "Tugas instansi",
        "Agency tasks",
        "agency tasks of tickets opened in the month",
        "tasks",
    ),
    Indicator(
        "tasks_by_agency",
        "Tugas menurut instansi",
        "Tasks by agency",
        "agency tasks of this agency",
        "tasks",
        "",
        _RECAPS,
    ),
    Indicator(
        "tasks_by_agency_and_status",
        "Tugas menurut instansi dan status",
        "Tasks by agency and state",
        "agency tasks of this agency that now stand there",
        "tasks",
        "",
        _RECAPS,
    ),
    Indicator(
        "acceptance_seconds_p90",
        "Waktu terima tugas, persentil 90",
        "Acceptance, 90th percentile",
        "90th percentile (nearest rank) from the first offer (dispatch's clock) to the acceptance (the "
        "notifier's clock) of accepted tasks; one that comes out less than zero is left out",
        "seconds",
        "server",
    ),
)

INDICATORS: dict[str, Indicator] = {one.key: one for one in _ALL}
"""Every indicator by its key; the same for all tenants."""
