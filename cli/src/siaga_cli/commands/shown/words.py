"""The domain's words as people say them; a word of a newer program is shown as it is written."""

import re
from collections.abc import Callable, Mapping

from siaga_cli.board.words import word as word_of_the_board
from siaga_cli.wording import text


def word(code: object) -> str:
    """Say a word of the vocabulary; `-` where there is none."""
    if code is None or code == "":
        return "-"
    return _words().get(str(code)) or word_of_the_board(str(code))


def _words() -> Mapping[str, str]:
    """Return what the board has no need to say."""
    return {
        "ringing": text("ringing"),
        "queued": text("in the queue"),
        "ended": text("ended"),
        "cut_in_queue": text("cut in the queue"),
        "lost_sight": text("lost sight of"),
        "cut_in_menu": text("cut in the menu"),
        "queue_full": text("queue full"),
        "current": text("speaking"),
        "settled": text("settled"),
        "phone": text("telephone"),
        "walk_in": text("walk-in"),
        "partner": text("partner system"),
        "app": text("application"),
        "sms": "SMS",
        "whatsapp": "WhatsApp",
        "active": text("under way"),
        "needs_supervisor": text("needs a supervisor"),
        "filled": text("filled"),
        "email": "e-mail",
        "redriven": text("taken again"),
        "discarded": text("discarded"),
        "queue_log": text("queue log"),
        "events_api": text("exchange events"),
        "report": text("report"),
        **_ends_of_calls(),
    }


def _ends_of_calls() -> Mapping[str, str]:
    return {
        "caller": text("caller"),
        "agent": text("agent"),
        "transfer": text("transfer"),
        "pbx_restart": text("exchange restart"),
        "unknown": text("unknown"),
        "timeout": text("waited too long"),
        "key": text("key pressed"),
        "empty": text("no call taker there"),
        "full": text("full"),
    }


def details(why: str) -> str:
    """Say the details of an exchange's fact: known words in the person's language, names as they are."""
    known = _ends_of_calls()
    return " · ".join(known.get(part, part) for part in why.split(" · "))


def happening(what: str) -> str:
    """Say what a step of a timeline is."""
    known = {**_at_intake(), **_at_the_desk(), **_with_agencies()}
    return known.get(what) or what.replace(".", " ").replace("_", " ")


def _at_intake() -> Mapping[str, str]:
    return {
        "call.received": text("call received"),
        "call.ringing": text("telephone rings"),
        "call.queued": text("call in the queue"),
        "call.agent_ringing": text("a call taker's telephone rings"),
        "call.agent_no_answer": text("a call taker did not pick up"),
        "call.agent_ring_canceled": text("a call taker's telephone stopped ringing"),
        "call.answered": text("call answered"),
        "call.transferred": text("call transferred"),
        "call.exited": text("call left the queue"),
        "call.abandoned": text("caller hung up before an answer"),
        "call.ended": text("call ended"),
        "call.restarted": text("the exchange restarted"),
        "call.lost_sight": text("nothing heard of the call for hours"),
    }


def _at_the_desk() -> Mapping[str, str]:
    return {
        "call.heard": text("call seen at the desk"),
        "call.updated": text("more known about the call"),
        "call.classified": text("call classified"),
        "call.classified_again": text("call classified the same again"),
        "call.reclassified": text("class of the call changed"),
        "call.joined": text("call joined to the ticket"),
        "call.joined_again": text("call joined again"),
        "call.separated": text("call separated from the ticket"),
        "call.ticket_opened": text("ticket opened from the call"),
        "classification.overdue": text("class is overdue"),
        "ticket.opened": text("ticket opened"),
        "ticket.changed": text("ticket corrected"),
        "ticket.escalated": text("ticket escalated to agencies"),
        "ticket.reopened": text("ticket taken up again"),
        "ticket.closed": text("ticket closed"),
        "closing.stale": text("older closing changed nothing"),
    }


def _with_agencies() -> Mapping[str, str]:
    return {
        "ticket.heard": text("dispatch took the ticket"),
        "closing.heard": text("dispatch heard of the closing"),
        "reply.heard": text("agency replied"),
        "deadline.passed": text("deadline passed"),
        "task.cancelled": text("task called off"),
        "task.offered_again": text("task offered again"),
        "gap.accepted": text("gap accepted"),
        "delivery.made": text("message prepared"),
        "delivery.attempted": text("delivery tried"),
        "delivery.delivered": text("message delivered"),
        "delivery.failed": text("message not delivered"),
        "delivery.interrupted": text("delivery interrupted"),
        "delivery.withdrawn": text("message withdrawn"),
        "agency.replied": text("agency replied"),
    }


def news(why: str) -> str:
    """Say dispatch's short news in the person's language; what an agency said is not said twice."""
    parts = why.split("; ") if why else []
    said = {part.replace(" says ", " ") for part in parts if " says " in part}
    return "; ".join(_one_piece(part) for part in parts if part not in said)


def _one_piece(part: str) -> str:
    for pattern, say in _NEWS:
        found = pattern.fullmatch(part)
        if found:
            return say(found.groupdict())
    return part


Values = dict[str, str]
_NEWS: tuple[tuple[re.Pattern[str], Callable[[Values], str]], ...] = (
    (
        re.compile(r"(?P<agency>\S+) asked: (?P<contact>\S+)"),
        lambda said: text("{agency} asked ({contact})", **said),
    ),
    (
        re.compile(r"(?P<agency>\S+) not reached: (?P<contact>\S+)"),
        lambda said: text("{agency} not reached ({contact})", **said),
    ),
    (
        re.compile(r"supervisor called: (?P<contact>\S+)"),
        lambda said: text("supervisor called ({contact})", **said),
    ),
    (
        re.compile(r"response ended: ticket closed"),
        lambda _: text("help has ended: the ticket was closed"),
    ),
    (
        re.compile(r"response ended: (?P<word>\S+)"),
        lambda said: text("help has ended: {word}", word=word(said["word"])),
    ),
    (
        re.compile(r"(?P<agency>\S+) says (?P<word>\S+)"),
        lambda said: text("{agency} says: {word}", agency=said["agency"], word=word(said["word"])),
    ),
    (
        re.compile(r"(?P<agency>\S+) gap (?P<word>\S+)"),
        lambda said: text("{agency}: gap {word}", agency=said["agency"], word=word(said["word"])),
    ),
    (
        re.compile(r"(?P<agency>\S+) overdue"),
        lambda said: text("{agency} is overdue", **said),
    ),
    (
        re.compile(r"(?P<agency>\S+) (?P<word>[a-z_]+)(?P<reason> \(.+\))?"),
        lambda said: f"{said['agency']}: {word(said['word'])}{said['reason'] or ''}",
    ),
)
"""Dispatch's short English news by their form."""
