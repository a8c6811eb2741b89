"""What agencies understand of a message, and what they do about it."""

import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from shared_schemas.vocabulary import ReplyKind
from siaga_demo.journal import Journal
from siaga_demo.plans import Manner, plan_for
from siaga_demo.requests import NotForUs, read_mail, read_webhook

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
BODY = {
    "kind": "task_offered",
    "delivery_id": "d1",
    "tenant": "53.03",
    "agency": "damkar",
    "ticket_id": "t1",
    "task_id": "k1",
    "respond_by": (NOW + timedelta(seconds=60)).isoformat(),
    "story": "rumah terbakar",
    "caller_number": "081200000042",
}
TEXT = """SIAGA 112 Kabupaten Timor Tengah Utara
Nomor tiket   : TTU-20261123-0001

Jawab dengan membuka tautan lalu menekan tombolnya / Answer by a link and its button:
Terima / Accept:
  http://127.0.0.1:1/r/a.1
Tolak / Decline:
  http://127.0.0.1:1/r/b.2
Berangkat / On the way:
  http://127.0.0.1:1/r/c.3
Tiba di lokasi / On scene:
  http://127.0.0.1:1/r/d.4
Selesai / Done:
  http://127.0.0.1:1/r/e.5
"""


def a_mail(
    to: str, text: str = TEXT, subject: str = "[112 TTU] P1 Kebakaran - TTU-20261123-0001"
) -> EmailMessage:
    mail = EmailMessage()
    mail["To"], mail["Subject"], mail["Message-ID"] = to, subject, "<d2@localhost>"
    mail.set_content(text)
    return mail


def test_a_webhook_says_whom_it_asks_for_which_task_and_until_when() -> None:
    asked = read_webhook(json.dumps(BODY).encode(), message_id="d1", contact="posko", now=NOW)
    assert asked is not None
    assert (asked.tenant, asked.agency, asked.contact, asked.task_id) == ("53.03", "damkar", "posko", "k1")
    assert asked.answer_within_seconds == 60


def test_a_message_to_a_supervisor_asks_no_agency_for_a_reply() -> None:
    told = json.dumps({**BODY, "kind": "supervisor_called"}).encode()
    assert read_webhook(told, message_id="d1", contact="pengawas", now=NOW) is None
    assert read_mail(a_mail("kepala.53.03@demo.example", "Putuskan di meja kendali.")) is None


def test_every_reply_link_of_a_mail_is_found() -> None:
    asked = read_mail(a_mail("piket.satpol_pp.53.03@demo.example"))
    assert asked is not None
    assert (asked.contact, asked.agency, asked.tenant, asked.message_id) == (
        "piket",
        "satpol_pp",
        "53.03",
        "d2",
    )
    assert set(asked.reply_links) == set(ReplyKind)
    assert asked.reply_links[ReplyKind.DECLINED].endswith("/r/b.2")


def test_a_mail_for_nobody_here_is_refused() -> None:
    with pytest.raises(NotForUs):
        read_mail(a_mail("somebody@demo.example"))


def test_nobody_is_silent_who_may_wait_an_hour() -> None:
    manners = {
        plan_for(seed="s", task_id=str(number), contact="posko", answer_within_seconds=3_600).manner
        for number in range(500)
    }
    assert manners == {Manner.HELPS, Manner.DECLINES}


def test_agencies_help_decline_with_a_reason_and_stay_silent() -> None:
    plans = [
        plan_for(seed="s", task_id=str(one), contact="posko", answer_within_seconds=60) for one in range(500)
    ]
    assert {one.manner for one in plans} == set(Manner)
    for plan in plans:
        replies = [step.reply for step in plan.steps]
        times = [step.after_seconds for step in plan.steps]
        assert times == sorted(times)
        assert replies in (
            [],
            [ReplyKind.DECLINED],
            [ReplyKind.ACCEPTED, ReplyKind.EN_ROUTE, ReplyKind.ON_SCENE, ReplyKind.DONE],
        )
        assert all(step.reason for step in plan.steps if step.reply is ReplyKind.DECLINED)


def test_a_diary_cut_by_a_kill_is_read_and_written_on(tmp_path: Path) -> None:
    path = tmp_path / "diary.jsonl"
    Journal(path).write("asked", message_id="1")
    with path.open("ab") as file:
        file.write(b'{"what": "rep')
    again = Journal(path)
    again.write("replied", message_id="1")
    assert [line["what"] for line in again.read()] == ["asked", "replied"]
    assert path.stat().st_mode & 0o077 == 0
