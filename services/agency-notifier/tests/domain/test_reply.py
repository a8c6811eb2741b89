"""A reply is a fact: named by its cause, never changed."""

from dataclasses import replace
from datetime import UTC, datetime

from agency_notifier.domain.reply import AgencyReply, Door, record, reply_id
from service_kit.decisions import Changed, NotPossible
from shared_schemas.vocabulary import ReplyKind

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def test_the_same_cause_gives_the_same_fact_and_any_other_another() -> None:
    same = reply_id("53.03", "task-1", "key")
    assert same == reply_id("53.03", "task-1", "key")
    others = {
        reply_id("53.04", "task-1", "key"),
        reply_id("53.03", "task-2", "key"),
        reply_id("53.03", "task-1", "other"),
    }
    assert len(others | {same}) == 4


def test_a_fact_is_recorded_once() -> None:
    new = AgencyReply(
        "53.03", "r-1", "ticket-1", "task-1", "damkar", ReplyKind.DONE, "damkar/posko", Door.LINK, NOON
    )
    assert record(None, new=new) == Changed(new, "agency.replied", "agency.replied")
    assert record(new, new=replace(new, reason="other")) == NotPossible("already_recorded")
