"""Where the time goes between two ends, read from the spans that the services wrote."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.percentiles import summary

TO_DISPATCH, DISPATCH = "desk saves, bus to dispatch", "dispatch decides and saves"
TO_NOTIFIER, NOTIFIER = "bus to notifier", "notifier saves the delivery"
TO_AGENCY = "notifier opens, signs, sends"
STAGES = (TO_DISPATCH, DISPATCH, TO_NOTIFIER, NOTIFIER, TO_AGENCY)


@dataclass(frozen=True, slots=True)
class Span:
    """One finished span; seconds since 1970."""

    service: str
    name: str
    subject: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Way:
    """One request's way: from the desk's decision until the agency's server had it."""

    ticket_id: str
    delivery_id: str
    began: float
    ended: float


def read_spans(folder: Path) -> Iterator[Span]:
    """Read every service's spans; a line that is not yet whole is passed over."""
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            yield from (span for line in lines if (span := _span(line)))


def _span(line: str) -> Span | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    subject = str(said["attributes"].get("siaga.subject", ""))
    return Span(said["service"], said["name"], subject, said["start_ns"] / 1e9, said["end_ns"] / 1e9)


def stages_of(ways: Iterable[Way], spans: Iterable[Span]) -> dict[str, list[float]]:
    """Return the seconds of each stage of each way whose spans are all there."""
    heard = _first(spans)
    found: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for way in ways:
        dispatch = heard.get(("dispatch", "ticket.escalated process", f"ticket/{way.ticket_id}"))
        notifier = heard.get(("agency-notifier", "task.assigned process", f"response/{way.ticket_id}"))
        sending = heard.get(("agency-notifier", "delivery send", f"delivery/{way.delivery_id}"))
        if dispatch is None or notifier is None or sending is None:
            continue
        moments = (way.began, dispatch.began, dispatch.ended, notifier.began, sending.began, way.ended)
        for stage, (begun, over) in zip(STAGES, pairwise(moments), strict=True):
            found[stage].append(over - begun)
    return found


def _first(spans: Iterable[Span]) -> Mapping[tuple[str, str, str], Span]:
    """Keep the first telling of each event: a repeat changes nothing."""
    first: dict[tuple[str, str, str], Span] = {}
    for span in spans:
        known = first.get((span.service, span.name, span.subject))
        if known is None or span.began < known.began:
            first[span.service, span.name, span.subject] = span
    return first


def medians(stages: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return each stage's median, for stages that were seen."""
    return {stage: summary(seconds).p50 for stage, seconds in stages.items() if seconds}
